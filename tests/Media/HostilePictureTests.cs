using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime.Pictures;
using Xunit;

namespace EdgeRuntime.Tests.Media;

public class HostilePictureTests
{
    private static readonly byte[][] Seeds =
    [
        TinyPictures.Png(2, 8, false, 9, 8, 1).File, TinyPictures.Png(3, 2, true, 13, 9, 2).File, TinyPictures.Png(6, 16, true, 5, 7, 3).File,
        TinyPictures.Bmp24(MediaFiles.RandomFrame(1, 5, 4), topDown: false), Encoding.ASCII.GetBytes("P3\n# c\n3 2 255\n1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18\n"),
        [.. "P6 3 2 1000\n"u8, .. new byte[36]],
    ];

    [Fact]
    public void Damaged_pictures_give_an_error_and_nothing_else()
    {
        var random = new Random(20);
        var frame = new Frame();
        int refused = 0;
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 12_000; i++)
        {
            byte[] file = (byte[])Seeds[i % Seeds.Length].Clone();
            int kind = random.Next(3);
            if (kind == 0) file = file[..random.Next(file.Length)];
            else
                for (int n = random.Next(1, 4); n > 0; n--)
                    file[random.Next(file.Length)] = random.Next(4) == 0 ? (byte)(255 * random.Next(2)) : (byte)random.Next(256);
            if (kind == 2 && PngReader.Knows(file)) TinyPictures.FixChecksums(file);
            try
            {
                PictureFile.Decode(file, "damaged", frame);
            }
            catch (EdgeException e)
            {
                Assert.Equal(ErrorCode.CannotDecode, e.Code);
                refused++;
            }
        }
        Assert.InRange(refused, 4_000, 12_000);
        // A file of a few hundred bytes may not make the decoder take more than a small multiple on average.
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 12_000L * 64 * 1024);
    }

    [Theory]
    [InlineData(16384, 16384)]
    [InlineData(16384, 1000)]
    [InlineData(0, 5)]
    [InlineData(16385, 1)]
    [InlineData(-1, 1)]
    public void A_png_that_claims_to_be_huge_is_refused_before_memory_is_taken(int width, int height)
    {
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        (header[8], header[9]) = (8, 2);
        Refused(TinyPictures.Png([("IHDR", header), ("IDAT", new byte[1000]), ("IEND", [])]));
    }

    [Fact]
    public void Bitmaps_and_ppms_that_claim_to_be_huge_are_refused_before_memory_is_taken()
    {
        Refused("P6 16384 16384 255\n"u8.ToArray());
        Refused("P3 16384 16384 255\n1 2 3"u8.ToArray());
        Refused("P6 99999999999999999999 1 255\n"u8.ToArray());
        byte[] bitmap = TinyPictures.Bmp24(MediaFiles.RandomFrame(1, 5, 4), topDown: false);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(22), int.MinValue);
        Refused(bitmap);
        BinaryPrimitives.WriteInt32LittleEndian(bitmap.AsSpan(22), 16384);
        Refused(bitmap);
    }

    [Fact]
    public void Of_a_deflate_bomb_only_the_picture_is_unpacked()
    {
        var packed = new MemoryStream();
        using (var deflate = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true)) deflate.Write(new byte[50_000_000]);
        byte[] file = TinyPictures.Png([("IHDR", [0, 0, 0, 1, 0, 0, 0, 1, 8, 2, 0, 0, 0]), ("IDAT", packed.ToArray()), ("IEND", [])]);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal([0, 0, 0], PictureTests.Decode(file).Pixels.ToArray());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);
    }

    [Fact]
    public void A_failed_write_leaves_what_was_there()
    {
        using var files = new MediaFiles();
        File.WriteAllText(files["a"], "old");
        EdgeException error = Assert.Throws<EdgeException>(() => AtomicFile.Write(files["a"], stream =>
        {
            stream.Write(new byte[100_000]);
            throw new IOException("No space left on device");
        }));
        Assert.Equal(ErrorCode.CannotWrite, error.Code);
        Assert.Equal("old", File.ReadAllText(files["a"]));
        Assert.Single(Directory.GetFiles(files.Folder));
    }

    private static void Refused(byte[] file)
    {
        var frame = new Frame();
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Equal(ErrorCode.CannotDecode, Assert.Throws<EdgeException>(() => PictureFile.Decode(file, "bomb", frame)).Code);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 500_000);
    }
}
