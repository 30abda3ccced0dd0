using System.Buffers.Binary;
using System.IO.Compression;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using Xunit;

namespace EdgeRuntime.Tests.Media;

/// <summary>Small pictures built byte by byte, with the pixels they must decode to.</summary>
internal static class TinyPictures
{
    public static TheoryData<int, int, bool> PngVariants
    {
        get
        {
            var data = new TheoryData<int, int, bool>();
            foreach ((int colour, int depth) in ((int, int)[])[(0, 1), (0, 2), (0, 4), (0, 8), (0, 16), (2, 8), (2, 16), (3, 1), (3, 2), (3, 4), (3, 8), (4, 8), (4, 16), (6, 8), (6, 16)])
            {
                data.Add(colour, depth, false);
                data.Add(colour, depth, true);
            }
            return data;
        }
    }

    /// <summary>A PNG of random samples, each row with a filter of its own, and the RGB it stands for.</summary>
    public static (byte[] File, byte[] Rgb) Png(int colour, int depth, bool interlaced, int width, int height, int seed)
    {
        var random = new Random(seed);
        int channels = colour switch { 2 => 3, 4 => 2, 6 => 4, _ => 1 };
        int levels = 1 << depth;
        var palette = new byte[3 * Math.Min(256, levels)];
        random.NextBytes(palette);
        var samples = new int[height, width, channels];
        var rgb = new byte[3 * width * height];
        for (int y = 0; y < height; y++)
        {
            for (int x = 0; x < width; x++)
            {
                for (int c = 0; c < channels; c++) samples[y, x, c] = random.Next(levels);
                for (int c = 0; c < 3; c++)
                {
                    int sample = samples[y, x, (colour & 2) != 0 && colour != 3 ? c : 0];
                    rgb[3 * (y * width + x) + c] = colour == 3 ? palette[3 * sample + c] : (byte)Math.Round(sample * 255.0 / (levels - 1));
                }
            }
        }

        var raw = new MemoryStream();
        if (!interlaced) Pass(raw, samples, 0, 0, 1, 1);
        else
            foreach ((int x, int y, int dx, int dy) in ((int, int, int, int)[])[(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)])
                Pass(raw, samples, x, y, dx, dy);

        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(raw.ToArray());
        byte[] data = packed.ToArray();
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9], header[12]) = ((byte)depth, (byte)colour, (byte)(interlaced ? 1 : 0));
        List<(string, byte[])> chunks = [("IHDR", header), ("teXt", [1, 2, 3])];
        if (colour == 3) chunks.Add(("PLTE", palette));
        // Two data chunks, because one may end anywhere.
        chunks.AddRange([("IDAT", data[..(data.Length / 2)]), ("IDAT", data[(data.Length / 2)..]), ("IEND", [])]);
        return (Png(chunks), rgb);

        void Pass(MemoryStream target, int[,,] all, int x0, int y0, int dx, int dy)
        {
            int columns = (width - x0 + dx - 1) / dx, rows = (height - y0 + dy - 1) / dy;
            if (columns <= 0 || rows <= 0) return;
            int bytes = (columns * channels * depth + 7) / 8, distance = Math.Max(1, channels * depth / 8);
            var above = new byte[bytes];
            for (int row = 0; row < rows; row++)
            {
                var current = new byte[bytes];
                for (int column = 0; column < columns; column++)
                    for (int c = 0; c < channels; c++)
                    {
                        int value = all[y0 + row * dy, x0 + column * dx, c], bit = (column * channels + c) * depth;
                        if (depth == 16) BinaryPrimitives.WriteUInt16BigEndian(current.AsSpan(bit / 8), (ushort)value);
                        else current[bit / 8] |= (byte)(value << (8 - depth - bit % 8));
                    }
                int filter = row % 5;
                target.WriteByte((byte)filter);
                for (int i = 0; i < bytes; i++)
                {
                    int left = i < distance ? 0 : current[i - distance], up = above[i], corner = i < distance ? 0 : above[i - distance];
                    int nearest = left + up - corner;
                    int paeth = Math.Abs(nearest - left) <= Math.Abs(nearest - up) && Math.Abs(nearest - left) <= Math.Abs(nearest - corner) ? left
                        : Math.Abs(nearest - up) <= Math.Abs(nearest - corner) ? up : corner;
                    int predicted = filter switch { 1 => left, 2 => up, 3 => (left + up) / 2, 4 => paeth, _ => 0 };
                    target.WriteByte((byte)(current[i] - predicted));
                }
                above = current;
            }
        }
    }

    /// <summary>A PNG of the given chunks, with right lengths and checksums.</summary>
    public static byte[] Png(IEnumerable<(string Type, byte[] Content)> chunks)
    {
        var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]);
        foreach ((string type, byte[] content) in chunks)
        {
            byte[] part = [.. type.Select(letter => (byte)letter), .. content];
            var number = new byte[4];
            BinaryPrimitives.WriteInt32BigEndian(number, content.Length);
            file.Write(number);
            file.Write(part);
            BinaryPrimitives.WriteUInt32BigEndian(number, Crc32.Of(part));
            file.Write(number);
        }
        return file.ToArray();
    }

    /// <summary>Makes the checksums of a damaged PNG right again, as far as its chunks can be followed.</summary>
    public static void FixChecksums(byte[] file)
    {
        for (int at = 8; at + 12 <= file.Length;)
        {
            uint length = BinaryPrimitives.ReadUInt32BigEndian(file.AsSpan(at));
            if (length > file.Length - at - 12) return;
            int end = at + 8 + (int)length;
            BinaryPrimitives.WriteUInt32BigEndian(file.AsSpan(end), Crc32.Of(file.AsSpan(at + 4, end - at - 4)));
            at = end + 4;
        }
    }

    /// <summary>A JPEG with an orientation mark put in.</summary>
    public static byte[] WithOrientation(byte[] jpeg, byte mark, bool little)
    {
        byte[] tiff = little
            ? [(byte)'I', (byte)'I', 42, 0, 8, 0, 0, 0, 1, 0, 0x12, 1, 3, 0, 1, 0, 0, 0, mark, 0, 0, 0, 0, 0, 0, 0]
            : [(byte)'M', (byte)'M', 0, 42, 0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, mark, 0, 0, 0, 0, 0, 0];
        byte[] content = [.. "Exif\0\0"u8, .. tiff];
        return [0xFF, 0xD8, 0xFF, 0xE1, 0, (byte)(content.Length + 2), .. content, .. jpeg.AsSpan(2)];
    }

    /// <summary>A 24-bit bitmap.</summary>
    public static byte[] Bmp24(Frame frame, bool topDown)
    {
        int row = (3 * frame.Width + 3) / 4 * 4;
        var file = new byte[54 + row * frame.Height];
        (file[0], file[1]) = ((byte)'B', (byte)'M');
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(2), file.Length);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(10), 54);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(14), 40);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(18), frame.Width);
        BinaryPrimitives.WriteInt32LittleEndian(file.AsSpan(22), topDown ? -frame.Height : frame.Height);
        (file[26], file[28]) = (1, 24);
        for (int y = 0; y < frame.Height; y++)
            for (int x = 0; x < frame.Width; x++)
                for (int c = 0; c < 3; c++)
                    file[54 + row * (topDown ? y : frame.Height - 1 - y) + 3 * x + c] = frame.Pixels[3 * (y * frame.Width + x) + 2 - c];
        return file;
    }
}
