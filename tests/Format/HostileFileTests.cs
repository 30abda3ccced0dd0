using System.Buffers.Binary;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Format;
using EdgeRuntime.Graphs;
using Xunit;

namespace EdgeRuntime.Tests.Format;

/// <summary>Whatever the bytes, reading ends in a model or an <see cref="EdgeException"/>, and in bounded memory.</summary>
public class HostileFileTests
{
    private const long AllowedAboveFileSize = 64 << 20;

    [Fact]
    public void A_file_cut_at_any_length_is_refused()
    {
        byte[] whole = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
        for (int length = 0; length < whole.Length; length++)
        {
            EdgeException? error = Read(whole[..length]);
            Assert.True(error is not null, $"cut to {length} bytes it was read");
            Assert.Equal(length == 0 ? ErrorCode.NotAnEdgeFile : ErrorCode.CorruptEdgeFile, error.Code);

            byte[] mended = whole[..length];
            Mend(mended);
            Assert.True(Read(mended) is not null, $"cut to {length} bytes and mended it was read");
        }
    }

    [Fact]
    public void Each_flipped_bit_is_noticed()
    {
        byte[] whole = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
        for (int bit = 0; bit < whole.Length * 8; bit++)
        {
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.True(Read(whole) is not null, $"bit {bit % 8} of byte {bit / 8} can be flipped");
            whole[bit / 8] ^= (byte)(1 << (bit % 8));
        }
    }

    [Theory]
    [InlineData(0, 2_000_000_000u)]
    [InlineData(1, (16 << 20) + 1)]
    [InlineData(1, uint.MaxValue)]
    [InlineData(2, 1 << 22)]
    [InlineData(3, 1 << 22)]
    public void A_section_that_claims_to_unpack_to_more_than_is_allowed_is_refused_before_memory_is_taken(int section, uint length)
    {
        byte[] file = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
        BinaryPrimitives.WriteUInt32LittleEndian(file.AsSpan((int)FileSurgery.Section(file, section).Offset), length);
        Mend(file);
        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Contains("unpacked", Read(file)?.Message);
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1 << 20);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    [InlineData(1000)]
    public void A_section_that_unpacks_to_another_length_than_it_says_is_refused(int difference)
    {
        byte[] file = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
        Span<byte> length = file.AsSpan((int)FileSurgery.Section(file, 1).Offset);
        BinaryPrimitives.WriteInt32LittleEndian(length, BinaryPrimitives.ReadInt32LittleEndian(length) + difference);
        Mend(file);
        Assert.Contains("does not unpack", Read(file)?.Message);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Random_damage_never_does_more_than_fail(bool mend)
    {
        var random = new Random(20261122);
        byte[][] originals = [.. SmallModels.All().Select(g => new EdgeModel(g, SmallModels.Metadata)).SelectMany(m => new[] { EdgeWriter.ToArray(m), FileSurgery.Legible(m), FileSurgery.Legible(m), FileSurgery.Old(m) })];
        int read = 0;
        for (int i = 0; i < 12_000; i++)
        {
            byte[] damaged = Damage(originals[i % originals.Length], random);
            if (mend) Mend(damaged);
            if (Read(damaged) is null) read++;
        }
        // Without mending nothing may pass but damage that changed nothing, with it names, weights and texts may be anything.
        Assert.InRange(read, 0, mend ? 9000 : 400);
    }

    [Fact]
    public void Damage_through_a_mapped_file_is_refused_too()
    {
        string path = Path.GetTempFileName();
        try
        {
            var random = new Random(7);
            byte[] whole = EdgeWriter.ToArray(new EdgeModel(SmallModels.Rich(), SmallModels.Metadata));
            for (int i = 0; i < 300; i++)
            {
                byte[] damaged = Damage(whole, random);
                if (i % 2 == 0) Mend(damaged);
                File.WriteAllBytes(path, damaged);
                Attempt(damaged.Length, () => EdgeReader.Read(path));
            }
        }
        finally
        {
            File.Delete(path);
        }
    }

    internal static EdgeException? Read(byte[] file) => Attempt(file.Length, () => EdgeReader.Read(file));

    private static EdgeException? Attempt(long fileBytes, Func<EdgeModel> read)
    {
        long managed = GC.GetAllocatedBytesForCurrentThread();
        EdgeException? error = null;
        try
        {
            using EdgeModel model = read();
            GraphVerifier.Verify(model.Graph);
        }
        catch (EdgeException e)
        {
            error = e;
            Assert.Contains(e.Code, new[] { ErrorCode.NotAnEdgeFile, ErrorCode.EdgeVersion, ErrorCode.CorruptEdgeFile });
        }
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - managed, 0, fileBytes + AllowedAboveFileSize);
        return error;
    }

    private static void Mend(byte[] file) => FileSurgery.Mend(file);

    /// <summary>One to four edits of the kinds that break parsers.</summary>
    internal static byte[] Damage(byte[] original, Random random)
    {
        byte[] file = [.. original];
        for (int edits = random.Next(1, 5); edits > 0; edits--)
        {
            int at = random.Next(3) == 0 || file.Length < 256 ? random.Next(file.Length) : Target(file, random);
            switch (random.Next(9))
            {
                case 0: file[at] ^= (byte)(1 << random.Next(8)); break;
                case 1: file[at] = (byte)random.Next(256); break;
                case 2: file[at] = random.Next(2) == 0 ? (byte)0xFF : (byte)0; break;
                case 3: Extreme(file.AsSpan(at), random); break;
                case 4: // the longest varint
                    for (int i = at; i < Math.Min(at + random.Next(1, 11), file.Length); i++) file[i] = 0xFF;
                    break;
                case 5: // swapped ranges
                    int other = random.Next(file.Length), length = Math.Min(random.Next(1, 65), file.Length - Math.Max(at, other));
                    byte[] first = file[at..(at + length)], second = file[other..(other + length)];
                    second.CopyTo(file, at);
                    first.CopyTo(file, other);
                    break;
                case 6: file = [.. file, .. new byte[random.Next(1, 200)]]; break;
                case 7: file = [.. file[..at], .. file[Math.Min(at + random.Next(1, 9), file.Length)..]]; break;
                default: // a number in the header or one of the tables
                    int field = EdgeFormat.HeaderBytes - 24 + 4 * random.Next(30);
                    if (field + 8 <= file.Length) Extreme(file.AsSpan(field), random);
                    break;
            }
            if (file.Length == 0) return file;
        }
        return file;
    }

    /// <summary>A place in the graph section mostly, which is the one with structure.</summary>
    private static int Target(byte[] file, Random random)
    {
        (ulong offset, ulong length) = FileSurgery.Section(file, random.Next(8) switch { 0 => 0, 1 => random.Next(2, 4), _ => 1 });
        if (length == 0 || offset > (ulong)file.Length || length > (ulong)file.Length - offset) return random.Next(file.Length);
        return (int)offset + random.Next((int)length);
    }

    private static void Extreme(Span<byte> at, Random random)
    {
        ReadOnlySpan<ulong> extremes = [0, 1, 63, 64, 65, 0x7F, 0x80, 0x7FFF_FFFF, 0x8000_0000, 0xFFFF_FFFF, 0x1_0000_0000, 1UL << 40, long.MaxValue, 1UL << 63, ulong.MaxValue, ulong.MaxValue - 63];
        ulong value = extremes[random.Next(extremes.Length)];
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        bytes[..Math.Min(random.Next(2) == 0 ? 4 : 8, at.Length)].CopyTo(at);
    }
}
