using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Pipelines.Faces;

/// <summary>The file of a gallery: JSON with a format and a version, the model, and each face's name and features. What is read is not trusted.</summary>
internal static class FaceGalleryJson
{
    private const string Format = "edgeruntime-faces";
    private const int Version = 1, MostLength = 65536;
    private const long MostBytes = 256L << 20;

    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = 8 };

    /// <summary>Writes a gallery, whole or not at all.</summary>
    public static void Write(FaceGallery gallery, string path) => AtomicFile.Write(path, stream =>
    {
        using var json = new Utf8JsonWriter(stream, new JsonWriterOptions { Indented = false });
        json.WriteStartObject();
        json.WriteString("format", Format);
        json.WriteNumber("version", Version);
        json.WriteString("model", gallery.Model);
        json.WriteString("model_sha256", gallery.ModelSha256);
        json.WriteNumber("length", gallery.Length);
        json.WriteStartArray("faces");
        foreach ((string name, IReadOnlyList<float> features) in gallery.Faces)
        {
            json.WriteStartObject();
            json.WriteString("name", name);
            json.WriteStartArray("features");
            foreach (float feature in features) json.WriteNumberValue(feature);
            json.WriteEndArray();
            json.WriteEndObject();
        }
        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Reads a gallery.</summary>
    /// <exception cref="EdgeException">There is none, or the file is something else.</exception>
    public static FaceGallery Read(string path)
    {
        ArgumentNullException.ThrowIfNull(path);
        try
        {
            byte[] bytes = Bytes(path);
            using JsonDocument document = JsonDocument.Parse(bytes, Strict);
            return Gallery(document.RootElement, path);
        }
        catch (Exception e) when (e is JsonException or FormatException or InvalidOperationException or KeyNotFoundException)
        {
            throw Damaged(path, e.Message, e);
        }
        catch (EdgeException e) when (e.Code is ErrorCode.InputMismatch or ErrorCode.BadUsage)
        {
            throw Damaged(path, e.Problem, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"The gallery '{path}' cannot be read: {e.Message}", "Check the path; `edgert run face-recognize --gallery FILE --enrol NAME` makes a gallery.", e);
        }
    }

    private static byte[] Bytes(string path)
    {
        using FileStream file = File.OpenRead(path);
        if (file.Length > MostBytes) throw Damaged(path, $"it has {file.Length:N0} bytes, more than any gallery");
        var bytes = new byte[file.Length];
        file.ReadExactly(bytes);
        return bytes;
    }

    private static FaceGallery Gallery(JsonElement root, string path)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out JsonElement format) || format.GetString() != Format) throw Damaged(path, "it does not say that it is one");
        int version = root.GetProperty("version").GetInt32();
        if (version != Version) throw new EdgeException(ErrorCode.CannotRead, $"The gallery '{path}' is of version {version}; this program reads version {Version}.", "Use a newer EdgeRuntime, or enrol the faces again.");
        int length = root.GetProperty("length").GetInt32();
        if (length is < 1 or > MostLength) throw Damaged(path, $"faces cannot have {length} features");
        var gallery = new FaceGallery(Text(root, "model"), Text(root, "model_sha256"), length);
        var features = new float[length];
        foreach (JsonElement face in root.GetProperty("faces").EnumerateArray())
        {
            JsonElement numbers = face.GetProperty("features");
            if (numbers.GetArrayLength() != length) throw Damaged(path, $"a face has {numbers.GetArrayLength()} features instead of {length}");
            int i = 0;
            foreach (JsonElement number in numbers.EnumerateArray()) features[i++] = number.GetSingle();
            gallery.Add(Text(face, "name"), features);
        }
        return gallery;
    }

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString() ?? throw new JsonException($"'{name}' is null");

    private static EdgeException Damaged(string path, string why, Exception? cause = null) =>
        new(ErrorCode.CannotRead, $"'{path}' is no gallery of faces: {why.TrimEnd('.')}.", "Give a file that `edgert run face-recognize --enrol` wrote, or enrol the faces again.", cause);
}
