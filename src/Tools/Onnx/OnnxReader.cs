using System.Security.Cryptography;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Tools.Onnx.Proto;
using Google.Protobuf;

namespace EdgeRuntime.Tools.Onnx;

/// <summary>Bytes to <see cref="ModelProto"/>. What is no ONNX model is refused with what it seems to be instead.</summary>
internal static class OnnxReader
{
    /// <summary>Protobuf's own bound; larger models keep their weights as external data.</summary>
    private const long LargestFile = int.MaxValue;

    /// <summary>Messages inside messages: subgraphs nest a few levels deep, hostile files thousands.</summary>
    private const int DeepestNesting = 100;

    private static readonly (byte[] Magic, string What)[] KnownFiles =
    [
        ([0xFF, 0xD8, 0xFF], "a JPEG picture"),
        ([0x89, (byte)'P', (byte)'N', (byte)'G'], "a PNG picture"),
        ("GIF8"u8.ToArray(), "a GIF picture"),
        ("RIFF"u8.ToArray(), "a RIFF file (WAV, AVI or WebP)"),
        ("PK\u0003\u0004"u8.ToArray(), "a zip archive (PyTorch's .pt and .pth are such)"),
        ([0x1F, 0x8B], "a gzip archive"),
        ([0x89, (byte)'H', (byte)'D', (byte)'F'], "an HDF5 file (Keras' .h5 is such)"),
        ("version https://git-lfs"u8.ToArray(), "a Git LFS pointer; `git lfs pull` fetches the model itself"),
        ("EDGE"u8.ToArray(), "an .edge file, which is converted already"),
        ("<"u8.ToArray(), "a web page or XML"),
        ("{"u8.ToArray(), "JSON"),
    ];

    /// <summary>Reads a file.</summary>
    /// <exception cref="EdgeException">The file cannot be read (<see cref="ErrorCode.CannotRead"/>) or holds no ONNX model (<see cref="ErrorCode.MalformedOnnx"/>).</exception>
    public static OnnxModel Read(string path)
    {
        try
        {
            using FileStream file = RegularFile.OpenRead(path);
            if (file.Length > LargestFile)
                throw Malformed($"'{path}' has {file.Length:N0} bytes; an ONNX file has at most {LargestFile:N0}.", "Export the weights as external data.");
            byte[] head = new byte[(int)Math.Min(file.Length, 64)];
            file.ReadExactly(head);
            file.Position = 0;
            string hash = Convert.ToHexStringLower(SHA256.HashData(file));
            file.Position = 0;
            // Parsing closes the file.
            long length = file.Length;
            ModelProto proto = Parse(file, head, $"'{path}'");
            return new OnnxModel(proto, Path.GetFileNameWithoutExtension(path), Path.GetDirectoryName(Path.GetFullPath(path)), hash) { ByteCount = length };
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"There is no file '{path}'.", "Check the path of the ONNX model.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            string reason = Directory.Exists(path) ? "it is a folder." : e.Message;
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {reason}", "Give the path of an ONNX file that you may read.", e);
        }
    }

    /// <summary>Reads a model from memory; it cannot have external data.</summary>
    /// <exception cref="EdgeException">The bytes are no ONNX model.</exception>
    public static OnnxModel Read(byte[] bytes, string name)
    {
        using var stream = new MemoryStream(bytes, writable: false);
        ModelProto proto = Parse(stream, bytes.AsSpan(0, Math.Min(bytes.Length, 64)), $"The model '{name}'");
        return new OnnxModel(proto, name, null, Convert.ToHexStringLower(SHA256.HashData(bytes))) { ByteCount = bytes.Length };
    }

    private static ModelProto Parse(Stream stream, ReadOnlySpan<byte> head, string what)
    {
        const string remedy = "Give a model in ONNX format, whole and not compressed; download or export it again if it should be one.";
        if (head.IsEmpty) throw Malformed($"{what} is empty.", remedy);
        foreach ((byte[] magic, string known) in KnownFiles)
            if (head.StartsWith(magic)) throw Malformed($"{what} is not an ONNX model: it looks like {known}.", remedy);
        ModelProto proto;
        try
        {
            using CodedInputStream input = CodedInputStream.CreateWithLimits(stream, (int)LargestFile, DeepestNesting);
            proto = ModelProto.Parser.ParseFrom(input);
        }
        catch (InvalidProtocolBufferException e)
        {
            throw new EdgeException(ErrorCode.MalformedOnnx, $"{what} is not an ONNX model, or it is cut off or damaged: {FirstSentence(e.Message)}", remedy, e);
        }
        if (proto.Graph is null) throw Malformed($"{what} holds no graph: it is not an ONNX model, or it is cut off.", remedy);
        if (proto.OpsetImport.Count == 0) throw Malformed($"{what} does not say which operator sets it uses: it is cut off or damaged.", remedy);
        return proto;
    }

    private static string FirstSentence(string message) => message.Split('.')[0].ReplaceLineEndings(" ") + ".";

    private static EdgeException Malformed(string problem, string remedy) => new(ErrorCode.MalformedOnnx, problem, remedy);
}
