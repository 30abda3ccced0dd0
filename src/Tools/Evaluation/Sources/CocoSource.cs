using System.Text.Json;
using System.Text.Json.Serialization;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>Annotations in the form of COCO: pictures, boxes in them, and categories. The pictures are beside the file, in a folder images there, or below as their names say.</summary>
internal static class CocoSource
{
    private const long MostBytes = 1L << 29;

    private const double MostPixels = 1e6;

    private const string Remedy = "It needs images (id, file_name), annotations (image_id, category_id, bbox as [x, y, width, height], iscrowd) and categories (id, name).";

    /// <summary>Reads annotations.</summary>
    /// <exception cref="EdgeException">They are no such annotations; all that is wrong is said.</exception>
    public static DataSource Read(string path)
    {
        CocoFile coco = Parse(path);
        var problems = new SourceProblems($"'{path}'");
        if (coco.Images is not { Count: > 0 }) problems.Add("it names no images");
        if (coco.Categories is not { Count: > 0 }) problems.Add("it names no categories");
        problems.ThrowIfAny(Remedy);
        if (coco.Images!.Count > FolderSource.MostSamples) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has more than {FolderSource.MostSamples:N0} images.", "Divide it.");

        var classes = new Dictionary<long, int>();
        var names = new List<string>();
        foreach (CocoCategory? category in coco.Categories!)
        {
            if (category is not { Id: { } id, Name: { Length: > 0 } name }) problems.Add("a category has no id or name");
            else if (!classes.TryAdd(id, names.Count)) problems.Add($"two categories have the id {id}");
            else names.Add(name);
        }
        var boxes = new Dictionary<long, List<TrueBox>>();
        foreach (CocoImage? image in coco.Images)
        {
            if (image is not { Id: { } id, FileName: { Length: > 0 } }) problems.Add("an image has no id or file_name");
            else if (!boxes.TryAdd(id, [])) problems.Add($"two images have the id {id}");
        }
        int number = 0;
        foreach (CocoAnnotation? annotation in coco.Annotations ?? Enumerable.Empty<CocoAnnotation?>())
        {
            number++;
            if (annotation is not { ImageId: { } image, CategoryId: { } category, Bbox: { } box }) problems.Add($"annotation {number} has no image_id, category_id or bbox");
            else if (!boxes.TryGetValue(image, out List<TrueBox>? ofImage)) problems.Add($"annotation {number} is of the image {image}, which is not there");
            else if (!classes.TryGetValue(category, out int label)) problems.Add($"annotation {number} is of the category {category}, which is not there");
            else if (box is not { Count: 4 } || box.Any(n => !(Math.Abs(n) <= MostPixels)) || box[2] < 0 || box[3] < 0)
                problems.Add($"annotation {number} has the bbox [{string.Join(", ", box.Take(5))}], where x, y, width and height are expected");
            else ofImage.Add(new TrueBox(box[0], box[1], box[2], box[3], label, annotation.Iscrowd is 1 ? TrueBoxKind.Crowd : TrueBoxKind.Counted));
        }
        var samples = new List<Sample>();
        string inner = Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, "images");
        foreach (CocoImage? image in coco.Images)
        {
            if (image is not { Id: { } id, FileName: { Length: > 0 } name } || !boxes.TryGetValue(id, out List<TrueBox>? found)) continue;
            bool isInner = !name.Contains('\0') && !File.Exists(Path.Combine(Path.GetDirectoryName(Path.GetFullPath(path))!, name)) && File.Exists(Path.Combine(inner, name));
            if (TableSource.FileIn(isInner ? Path.Combine(inner, "set") : path, name, $"image {id}", problems) is PictureContent content) samples.Add(new Sample(name, content, new BoxesTruth(found)));
        }
        problems.ThrowIfAny(Remedy);
        return new DataSource($"{samples.Count} pictures of {path}", samples, names);
    }

    private static CocoFile Parse(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (file.Length > MostBytes) throw new EdgeException(ErrorCode.CannotRead, $"'{path}' has {file.Length:N0} bytes; at most {MostBytes:N0} are read.", "Divide it.");
            return JsonSerializer.Deserialize(file, CocoJson.Default.CocoFile) ?? throw new JsonException("it is null");
        }
        catch (JsonException e)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' holds no annotations in the form of COCO: {e.Message}", Remedy, e);
        }
    }
}

/// <summary>What is read of a file of annotations; all of it may be missing.</summary>
internal sealed record CocoFile(CocoList<CocoImage?>? Images, CocoList<CocoAnnotation?>? Annotations, CocoList<CocoCategory?>? Categories);

/// <summary>Pictures, things or kinds: COCO itself has less than a million of each.</summary>
internal sealed class CocoList<T>() : CappedList<T>(1 << 22);

/// <summary>The numbers of a box: four, and some more so that what is wrong can be shown.</summary>
internal sealed class CocoBox() : CappedList<double>(8);

/// <summary>A picture.</summary>
internal sealed record CocoImage(long? Id, string? FileName);

/// <summary>A thing in a picture.</summary>
internal sealed record CocoAnnotation(long? ImageId, long? CategoryId, CocoBox? Bbox, int? Iscrowd);

/// <summary>A kind of things.</summary>
internal sealed record CocoCategory(long? Id, string? Name);

/// <summary>Reads annotations; what else there is, such as outlines, is skipped.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, MaxDepth = 64)]
[JsonSerializable(typeof(CocoFile))]
internal sealed partial class CocoJson : JsonSerializerContext;
