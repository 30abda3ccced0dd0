using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;

namespace EdgeRuntime.Tools.Recording;

/// <summary>Reads the chunks of a recording, which nobody vouches for, up to its end or the last whole chunk. Memory is bounded by the longest chunk.</summary>
internal sealed class RecordingReader : IDisposable
{
    private readonly FileStream file;

    public RecordingReader(string path)
    {
        try
        {
            file = RegularFile.OpenRead(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new EdgeException(ErrorCode.CannotRead, $"'{path}' cannot be read: {e.Message}", "Give a file that `edgert run --record FILE` wrote.");
        }
        try
        {
            Span<byte> magic = stackalloc byte[RecordingFormat.Magic.Length];
            int read = file.ReadAtLeast(magic, magic.Length, throwOnEndOfStream: false);
            if (read < magic.Length || !magic[..^1].SequenceEqual(RecordingFormat.Magic[..^1])) throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' is no recording.", "Give a file that `edgert run --record FILE` wrote.");
            if (magic[^1] != RecordingFormat.Magic[^1]) throw new EdgeException(ErrorCode.CannotDecode, $"'{path}' is a recording of version {magic[^1]}, and only version {RecordingFormat.Magic[^1]} is known.", "Replay it with the program that wrote it.");
            byte[] head = Next(out ChunkKind kind) is { } first && kind == ChunkKind.Head ? first : throw RecordingFormat.Damaged("it does not say what ran");
            Head = RecordingHead.Read<RecordingHead>(head);
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>What ran.</summary>
    public RecordingHead Head { get; }

    /// <summary>Why the rest is of no use, or null where all of it was read.</summary>
    public string? Torn { get; private set; }

    /// <summary>The next chunk, or null at the end, or where the rest is not whole.</summary>
    public byte[]? Next(out ChunkKind kind)
    {
        kind = default;
        long start = file.Position, left = file.Length - start;
        if (left == 0 || Torn is not null) return null;
        Span<byte> head = stackalloc byte[RecordingFormat.HeadLength];
        if (left < RecordingFormat.HeadLength + RecordingFormat.CheckLength) return Tear($"it ends in the middle of a chunk, at byte {start}");
        file.ReadExactly(head);
        int length = BinaryPrimitives.ReadInt32LittleEndian(head[4..]);
        if (length is < 0 or > RecordingFormat.MostChunkBytes) return Tear($"the chunk at byte {start} has an impossible length");
        if (length > left - RecordingFormat.HeadLength - RecordingFormat.CheckLength) return Tear($"it ends in the middle of a chunk, at byte {start}");
        var chunk = new byte[RecordingFormat.HeadLength + length + RecordingFormat.CheckLength];
        head.CopyTo(chunk);
        file.ReadExactly(chunk.AsSpan(head.Length));
        int end = chunk.Length - RecordingFormat.CheckLength;
        if (Crc32C.Of(chunk.AsSpan(0, end)) != BinaryPrimitives.ReadUInt32LittleEndian(chunk.AsSpan(end))) return Tear($"the chunk at byte {start} has a wrong checksum");
        kind = (ChunkKind)BinaryPrimitives.ReadInt32LittleEndian(head);
        return chunk[head.Length..end];
    }

    /// <summary>Reads the numbers of a chunk.</summary>
    /// <exception cref="EdgeException">It is shorter or longer than they.</exception>
    public static T Parse<T>(byte[] bytes, Func<BinaryReader, T> read)
    {
        using var reader = new BinaryReader(new MemoryStream(bytes));
        try
        {
            T value = read(reader);
            return reader.BaseStream.Position == bytes.Length ? value : throw RecordingFormat.Damaged("a chunk is too long");
        }
        catch (EndOfStreamException)
        {
            throw RecordingFormat.Damaged("a chunk is too short");
        }
    }

    public void Dispose() => file.Dispose();

    private byte[]? Tear(string why)
    {
        Torn = why;
        return null;
    }
}
