using System.IO.Compression;
using System.Numerics;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Tools.Recording;

/// <summary>Makes pictures small without loss, and whole again: Deflate of what differs from the picture before. Cameras that stand still change little.</summary>
internal sealed class PictureCodec
{
    private readonly MemoryStream packed = new();
    private byte[] before = [], difference = [];
    private int length;

    /// <summary>Writes a picture, with number, time and size.</summary>
    public byte[] Encode(Frame frame)
    {
        ReadOnlySpan<byte> pixels = frame.Pixels;
        bool differs = pixels.Length == length;
        if (difference.Length < pixels.Length) difference = new byte[pixels.Length];
        Span<byte> rest = difference.AsSpan(0, pixels.Length);
        if (differs) Subtract(pixels, before, rest);
        packed.SetLength(0);
        using (var writer = new BinaryWriter(packed, System.Text.Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(frame.Index);
            writer.Write(frame.Time.Ticks);
            writer.Write(frame.Width);
            writer.Write(frame.Height);
            writer.Write((byte)frame.Format);
            writer.Write(differs);
        }
        using (var deflate = new DeflateStream(packed, CompressionLevel.Fastest, leaveOpen: true)) deflate.Write(differs ? rest : pixels);
        Remember(pixels);
        return packed.ToArray();
    }

    /// <summary>Reads a picture, which nobody vouches for; pictures must be read in the order in which they were written. Always true.</summary>
    /// <exception cref="Diagnostics.EdgeException">The bytes are none.</exception>
    public bool Decode(BinaryReader reader, Frame frame)
    {
        long index = reader.ReadInt64(), time = reader.ReadInt64();
        int width = reader.ReadInt32(), height = reader.ReadInt32();
        var format = (PixelFormat)reader.ReadByte();
        bool differs = reader.ReadBoolean();
        if (width is < 1 or > RecordingFormat.MostSide || height is < 1 or > RecordingFormat.MostSide || (long)width * height > RecordingFormat.MostPixels || !Enum.IsDefined(format) || !format.Holds(width, height))
            throw RecordingFormat.Damaged($"a picture of {width} x {height}");
        if (differs && format.ByteCount(width, height) != length) throw RecordingFormat.Damaged("a picture differs from one of another size");
        frame.Resize(width, height, format);
        (frame.Index, frame.Time) = (index, TimeSpan.FromTicks(time));
        Span<byte> pixels = frame.Pixels;
        try
        {
            using var deflate = new DeflateStream(reader.BaseStream, CompressionMode.Decompress, leaveOpen: true);
            deflate.ReadExactly(pixels);
            if (deflate.ReadByte() >= 0) throw RecordingFormat.Damaged("a picture has more bytes than its size says");
        }
        catch (Exception e) when (e is InvalidDataException or EndOfStreamException)
        {
            throw RecordingFormat.Damaged("a picture cannot be unpacked");
        }
        if (differs)
            for (int i = 0; i < pixels.Length; i++) pixels[i] += before[i];
        Remember(pixels);
        return true;
    }

    private void Remember(ReadOnlySpan<byte> pixels)
    {
        if (before.Length < pixels.Length) before = new byte[pixels.Length];
        pixels.CopyTo(before);
        length = pixels.Length;
    }

    private static void Subtract(ReadOnlySpan<byte> a, ReadOnlySpan<byte> b, Span<byte> to)
    {
        int i = 0;
        for (; i <= to.Length - Vector<byte>.Count; i += Vector<byte>.Count) (new Vector<byte>(a[i..]) - new Vector<byte>(b[i..])).CopyTo(to[i..]);
        for (; i < to.Length; i++) to[i] = (byte)(a[i] - b[i]);
    }
}
