using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using System.Text.RegularExpressions;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Reads and writes arrays of NumPy: .npy holds one, .npz several by name. (Format: numpy.lib.format, versions 1 to 3.)</summary>
internal static partial class NumpyFile
{
    /// <summary>No file is larger, unpacked.</summary>
    private const long MostBytes = 1L << 30;

    private const int MostArrays = 1000, MostHeaderBytes = 1 << 16;

    private static readonly Dictionary<string, DataType> Types = new()
    {
        ["f4"] = DataType.F32, ["f8"] = DataType.F64, ["f2"] = DataType.F16, ["i1"] = DataType.I8, ["u1"] = DataType.U8, ["i2"] = DataType.I16, ["u2"] = DataType.U16,
        ["i4"] = DataType.I32, ["u4"] = DataType.U32, ["i8"] = DataType.I64, ["u8"] = DataType.U64, ["b1"] = DataType.Bool,
    };

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>True for names that end as such files do.</summary>
    public static bool Holds(string path) => Path.GetExtension(path).ToLowerInvariant() is ".npy" or ".npz";

    /// <summary>The arrays by name; the one of a .npy file has the file's.</summary>
    /// <exception cref="EdgeException">The file cannot be read, is damaged, or too large.</exception>
    public static IReadOnlyDictionary<string, Tensor> Read(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (Path.GetExtension(path).ToLowerInvariant() != ".npz") return new Dictionary<string, Tensor> { [Path.GetFileNameWithoutExtension(path)] = ReadArray(file, path, Math.Min(file.Length, MostBytes)) };
            using var archive = new ZipArchive(file, ZipArchiveMode.Read);
            if (archive.Entries.Count > MostArrays) throw Broken(path, $"it holds {archive.Entries.Count:N0} arrays");
            var arrays = new Dictionary<string, Tensor>();
            long left = MostBytes;
            foreach (ZipArchiveEntry entry in archive.Entries)
            {
                if (!entry.FullName.EndsWith(".npy", StringComparison.Ordinal)) continue;
                using Stream stream = entry.Open();
                Tensor tensor = ReadArray(stream, $"{path}: {entry.FullName}", Math.Min(left, entry.Length));
                left -= tensor.Type.ByteCount;
                arrays[entry.FullName[..^4]] = tensor;
            }
            return arrays.Count > 0 ? arrays : throw Broken(path, "it holds no array");
        }
        catch (InvalidDataException e)
        {
            throw Broken(path, e.Message, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Check the name and the permissions.", e);
        }
    }

    /// <summary>Writes one array as a .npy file.</summary>
    /// <exception cref="EdgeException">NumPy has no such elements, or the file cannot be written.</exception>
    public static void Write(string path, TensorView array)
    {
        string type = Types.FirstOrDefault(t => t.Value == array.DataType).Key ?? throw new EdgeException(ErrorCode.CannotWrite, $"'{path}': NumPy has no elements of type {array.DataType}.");
        string sizes = string.Concat(array.Shape.Span.ToArray().Select(size => FormattableString.Invariant($"{size},")));
        string header = $"{{'descr': '{(array.DataType.Size() == 1 ? '|' : '<')}{type}', 'fortran_order': False, 'shape': ({sizes}), }}";
        // Elements begin at a multiple of 64 bytes.
        const int Before = 10;
        header = header.PadRight((Before + header.Length + 1 + 63) / 64 * 64 - Before - 1) + "\n";
        try
        {
            using FileStream file = File.Create(path);
            file.Write([.. Magic, 1, 0, (byte)header.Length, (byte)(header.Length >> 8), .. Encoding.Latin1.GetBytes(header)]);
            file.Write(array.Bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotWrite, $"'{path}' cannot be written: {e.Message}", "Check the folder and the permissions.", e);
        }
    }

    private static Tensor ReadArray(Stream stream, string name, long mostBytes)
    {
        var head = new byte[12];
        if (stream.ReadAtLeast(head.AsSpan(0, 8), 8, throwOnEndOfStream: false) < 8 || !head.AsSpan().StartsWith(Magic)) throw Broken(name, "it does not begin as an array of NumPy does");
        int lengthBytes = head[6] == 1 ? 2 : 4;
        if (head[6] is < 1 or > 3 || stream.ReadAtLeast(head.AsSpan(8, lengthBytes), lengthBytes, throwOnEndOfStream: false) < lengthBytes) throw Broken(name, $"version {head[6]} of the format is not known, or it ends");
        long length = lengthBytes == 2 ? BinaryPrimitives.ReadUInt16LittleEndian(head.AsSpan(8)) : BinaryPrimitives.ReadUInt32LittleEndian(head.AsSpan(8));
        if (length > MostHeaderBytes) throw Broken(name, $"its header claims {length:N0} bytes");
        var header = new byte[length];
        if (stream.ReadAtLeast(header, header.Length, throwOnEndOfStream: false) < header.Length) throw Broken(name, "it ends inside its header");
        string text = Encoding.Latin1.GetString(header);
        Match type = Description().Match(text), sizes = Sizes().Match(text);
        if (!type.Success || !sizes.Success || text.Contains("'fortran_order': True", StringComparison.Ordinal)) throw Broken(name, "its elements are of a kind that is not read, or by columns");
        if (!Types.TryGetValue(type.Groups[1].Value, out DataType dataType)) throw Broken(name, $"its elements are of the type '{type.Groups[1].Value}'");
        string[] parts = sizes.Groups[1].Value.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        if (parts.Length > Shape.MaxRank) throw Broken(name, $"it has {parts.Length} dimensions");
        var shape = new int[parts.Length];
        long bytes = dataType.Size();
        for (int i = 0; i < parts.Length; i++)
        {
            if (!int.TryParse(parts[i], out shape[i]) || shape[i] < 0) throw Broken(name, $"a dimension is {parts[i]}");
            bytes *= shape[i];
            if (bytes > mostBytes) throw Broken(name, $"it claims more than {mostBytes:N0} bytes");
        }
        var tensor = new Tensor(new TensorType(dataType, shape));
        if (stream.ReadAtLeast(tensor.View.Bytes, tensor.View.Bytes.Length, throwOnEndOfStream: false) < tensor.View.Bytes.Length) throw Broken(name, $"its {bytes:N0} bytes are not all there");
        return tensor;
    }

    private static EdgeException Broken(string name, string what, Exception? cause = null) => new(ErrorCode.CannotDecode, $"'{name}' cannot be read as NumPy's: {what}.", "Save it with numpy.save or numpy.savez, row by row.", cause);

    [GeneratedRegex(@"'descr':\s*'[<|=]([a-z]\d)'")]
    private static partial Regex Description();

    [GeneratedRegex(@"'shape':\s*\(([^)]*)\)")]
    private static partial Regex Sizes();
}
