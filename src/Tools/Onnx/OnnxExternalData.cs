using System.Globalization;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Onnx.Proto;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>Weights that lie in a file beside the model. The model names the file, so the name may not leave the model's folder.</summary>
internal static class OnnxExternalData
{
    /// <summary>Reads a tensor's bytes from its file.</summary>
    /// <exception cref="Diagnostics.EdgeException">The name, offset or length is not valid, or the file is missing.</exception>
    public static Tensor Read(TensorProto proto, in TensorType type, string? folder)
    {
        string location = Entry(proto, "location") ?? throw OnnxTensors.Malformed("its external data has no location");
        string path = Resolve(location, folder);
        long offset = Number(proto, "offset") ?? 0, expected = type.ByteCount;
        if (!File.Exists(path)) throw OnnxTensors.Malformed($"its external data file '{location}' is not beside the model");
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (offset > file.Length) throw OnnxTensors.Malformed($"its data begins at byte {offset:N0} of '{location}', which has {file.Length:N0}");
            long length = Number(proto, "length") ?? file.Length - offset;
            if (length > file.Length - offset)
                throw OnnxTensors.Malformed($"its data ends at byte {(Int128)offset + length:N0} of '{location}', which has {file.Length:N0}");
            if (length != expected) throw OnnxTensors.Malformed($"{type} needs {expected:N0} bytes, '{location}' holds {length:N0} for it");
            var tensor = new Tensor(type);
            file.Position = offset;
            file.ReadExactly(tensor.View.Bytes);
            OnnxTensors.NormalizeBooleans(tensor);
            return tensor;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw OnnxTensors.Malformed($"its external data file '{location}' cannot be read: {e.Message}");
        }
    }

    private static string Resolve(string location, string? folder)
    {
        if (folder is null) throw OnnxTensors.Malformed("it has external data, but the model did not come from a file");
        string[] parts = location.Split('/', '\\');
        bool drive = location.Length > 1 && location[1] == ':';
        if (location.Length == 0 || Path.IsPathRooted(location) || drive || parts.Any(p => p is ".." or "") || location.Contains('\0'))
            throw OnnxTensors.Malformed($"its external data '{location}' is outside of the model's folder, which is not allowed");
        return Path.Combine([folder, .. parts]);
    }

    private static long? Number(TensorProto proto, string key)
    {
        if (Entry(proto, key) is not { } text) return null;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out long value))
            throw OnnxTensors.Malformed($"the {key} '{text}' of its external data is no number");
        return value;
    }

    private static string? Entry(TensorProto proto, string key) => proto.ExternalData.LastOrDefault(e => e.Key == key)?.Value;
}
