using System.Text.Json;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;
using EdgeRuntime.Tools.Conversion;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>
/// The weights manifest and the files it names. Nothing in it is believed: sizes are added up before a file is opened, files must lie beside
/// the model, and each group of files must have as many bytes as its weights need.
/// </summary>
/// <param name="folder">Where the files are.</param>
/// <param name="problems">Told what is wrong.</param>
internal sealed class WeightsReader(string folder, ImportProblems problems)
{
    private const int MostWeights = 1_000_000, MostFiles = 10_000;

    private readonly Dictionary<string, WeightSpec> specs = new(StringComparer.Ordinal);
    private readonly List<byte[]> groups = [];
    private int files;

    /// <summary>Reads all weights; what is wrong is recorded.</summary>
    public WeightStore Read(JsonElement? manifest)
    {
        foreach (JsonElement? group in manifest.Items())
        {
            long bytes = 0;
            bool whole = true;
            foreach (JsonElement? entry in group.Member("weights").Items())
            {
                string name = entry.Member("name").Text() ?? "";
                try
                {
                    if (specs.Count == MostWeights) throw TensorFlowTypes.Malformed($"there are more than {MostWeights:N0} weights");
                    WeightSpec spec = Spec(entry, bytes);
                    bytes = checked(bytes + spec.ByteCount);
                    if (name.Length == 0) throw TensorFlowTypes.Malformed("it has no name");
                    if (!specs.TryAdd(name, spec)) throw TensorFlowTypes.Malformed("two weights have that name");
                }
                catch (EdgeException e)
                {
                    problems.Add($"weight '{name}': {e.Problem.TrimEnd('.')}");
                    whole = false;
                }
            }
            groups.Add([]);
            // Where a weight could not be understood, those behind it lie nobody knows where.
            if (whole) groups[^1] = Files(group, bytes);
        }
        return new WeightStore(specs, groups);
    }

    private WeightSpec Spec(JsonElement? entry, long offset)
    {
        Shape shape = TensorFlowTypes.ShapeOf(entry.Member("shape").Items().Select(d => (JsonElement?)d), unknown: false);
        string dtype = entry.Member("dtype").Text() ?? "";
        DataType type = dtype switch
        {
            "float32" or "float16" => DataType.F32,
            "int32" or "uint8" or "uint16" => DataType.I32,
            "bool" => DataType.Bool,
            "complex64" => DataType.None,
            "string" => throw new EdgeException(ErrorCode.UnsupportedTensorFlow, "its elements are texts; only numbers are supported"),
            _ => throw TensorFlowTypes.Malformed($"its element type '{dtype}' is unknown"),
        };
        WeightStorage plain = dtype switch
        {
            "float16" => WeightStorage.Float16,
            "uint8" => WeightStorage.UInt8,
            "uint16" => WeightStorage.UInt16,
            "int32" => WeightStorage.Int32,
            "bool" => WeightStorage.Bool,
            "complex64" => WeightStorage.Complex64,
            _ => WeightStorage.Float32,
        };
        double scale = 1, minimum = 0;
        if (entry.Member("quantization") is { } quantization)
        {
            string stored = quantization.Member("dtype").Text() ?? "";
            if (type is not (DataType.F32 or DataType.I32)) throw TensorFlowTypes.Malformed($"elements of type '{dtype}' cannot be quantized");
            plain = stored switch
            {
                "float16" when type == DataType.F32 => WeightStorage.Float16,
                "uint8" => WeightStorage.UInt8,
                "uint16" => WeightStorage.UInt16,
                _ => throw TensorFlowTypes.Malformed($"its quantization '{stored}' is unknown"),
            };
            if (plain != WeightStorage.Float16)
            {
                scale = quantization.Member("scale").Real() ?? double.NaN;
                minimum = quantization.Member("min").Real() ?? double.NaN;
                if (!double.IsFinite(scale) || !double.IsFinite(minimum)) throw TensorFlowTypes.Malformed("its quantization has no scale or no minimum");
            }
        }
        var spec = new WeightSpec(shape, type, plain, scale, minimum, groups.Count, offset);
        if (shape.Count * 4 > int.MaxValue || offset + spec.ByteCount > Array.MaxLength) throw TensorFlowTypes.Malformed($"it would have {shape.Count:N0} elements, and its group more than 2^31 bytes");
        return spec;
    }

    /// <summary>The bytes of a group's files, one behind the other.</summary>
    private byte[] Files(JsonElement? group, long expected)
    {
        var paths = new List<string>();
        foreach (JsonElement? path in group.Member("paths").Items())
        {
            if (++files > MostFiles)
            {
                problems.Add($"the weights lie in more than {MostFiles:N0} files");
                return [];
            }
            if (path.Text() is { Length: > 0 } name && Inside(name) is { } full) paths.Add(full);
            else
            {
                problems.Add($"the file of weights '{path.Text()}' does not lie in the model's folder");
                return [];
            }
        }
        string where = paths.Count == 1 ? $"'{Path.GetFileName(paths[0])}'" : $"the {paths.Count} files of a group of weights";
        try
        {
            long found = paths.Sum(p => new FileInfo(p).Length);
            if (found != expected)
            {
                problems.Add($"{where} {(paths.Count == 1 ? "has" : "have")} {found:N0} bytes; the weights in it need {expected:N0}");
                return [];
            }
            byte[] bytes = new byte[expected];
            int at = 0;
            foreach (string path in paths)
            {
                using FileStream file = RegularFile.OpenRead(path);
                int length = (int)Math.Min(file.Length, bytes.Length - at);
                file.ReadExactly(bytes, at, length);
                at += length;
            }
            if (at == expected) return bytes;
            problems.Add($"{where} changed while being read");
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            problems.Add($"a file of weights is missing: {e.Message.TrimEnd('.')}");
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            problems.Add($"{where} cannot be read: {e.Message.TrimEnd('.')}");
        }
        return [];
    }

    /// <summary>The full path of a file in the model's folder or below it, or null.</summary>
    private string? Inside(string name)
    {
        if (name.Contains('\0') || Path.IsPathRooted(name) || name.Split('/', '\\').Contains("..")) return null;
        string full = Path.GetFullPath(Path.Combine(folder, name));
        return full.StartsWith(Path.TrimEndingDirectorySeparator(Path.GetFullPath(folder)) + Path.DirectorySeparatorChar, StringComparison.Ordinal) ? full : null;
    }
}
