using System.Buffers.Binary;
using System.Text;

namespace EdgeRuntime.Realtime.Pictures;

/// <summary>One chunk of a PNG file: four bytes of length, type, content and checksum.</summary>
internal readonly record struct PngChunk(uint Type, Range Content, int Next)
{
    public const uint Header = 0x49484452, Palette = 0x504C5445, Data = 0x49444154, End = 0x49454E44;

    /// <summary>A decoder that does not know a critical chunk must not show the picture; the case of its first letter says so.</summary>
    public bool IsCritical => (Type & 0x20000000) == 0;

    public string Name
    {
        get
        {
            Span<byte> letters = stackalloc byte[4];
            BinaryPrimitives.WriteUInt32BigEndian(letters, Type);
            return letters.ContainsAnyExceptInRange((byte)'A', (byte)'z') ? $"0x{Type:X8}" : Encoding.ASCII.GetString(letters);
        }
    }

    public static PngChunk Read(ReadOnlySpan<byte> file, int at, string name)
    {
        if (file.Length - at < 12) throw PictureFile.Broken(name, "PNG", $"it ends at byte {file.Length}, before its last chunk");
        uint length = BinaryPrimitives.ReadUInt32BigEndian(file[at..]);
        uint type = BinaryPrimitives.ReadUInt32BigEndian(file[(at + 4)..]);
        if (length > file.Length - at - 12)
            throw PictureFile.Broken(name, "PNG", $"the chunk at byte {at} has {length} bytes, the file only {file.Length - at - 12} more");
        var chunk = new PngChunk(type, (at + 8)..(at + 8 + (int)length), at + 12 + (int)length);
        uint stored = BinaryPrimitives.ReadUInt32BigEndian(file[(chunk.Next - 4)..]);
        if (Crc32.Of(file[(at + 4)..(chunk.Next - 4)]) != stored)
            throw PictureFile.Broken(name, "PNG", $"the checksum of chunk {chunk.Name} at byte {at} is wrong");
        return chunk;
    }
}
