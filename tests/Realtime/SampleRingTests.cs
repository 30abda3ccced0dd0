using EdgeRuntime.Realtime;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

public class SampleRingTests
{
    [Fact]
    public void Parts_come_whole_and_in_order()
    {
        var ring = new SampleRing<float>(8);
        var part = new float[3];
        Assert.Equal(2, ring.Write([0, 1]));
        Assert.False(ring.Has(3));
        Assert.Equal(0, ring.Read(part, out _));
        Assert.Equal(5, ring.Write([2, 3, 4, 5, 6]));
        Assert.Equal((3, 0L), (ring.Read(part, out long position), position));
        Assert.Equal([0, 1, 2], part);
        Assert.Equal((3, 3L), (ring.Read(part, out position), position));
        Assert.Equal((1, 6L), (ring.ReadRest(part, out position), position));
        Assert.Equal([6, 0, 0], part);
        Assert.Equal(0, ring.Lost);
    }

    [Fact]
    public void After_a_loss_a_part_ends_in_silence_and_positions_go_on()
    {
        var ring = new SampleRing<short>(4);
        var part = new short[3];
        Assert.Equal(4, ring.Write([0, 1, 2, 3, 4, 5]));
        Assert.Equal(3, ring.Read(part, out _));
        Assert.Equal(3, ring.Write([6, 7, 8, 9]));
        Assert.Equal((1, 3L), (ring.Read(part, out long position), position));
        Assert.Equal([3, 0, 0], part);
        Assert.Equal((3, 6L), (ring.Read(part, out position), position));
        Assert.Equal([6, 7, 8], part);
        Assert.Equal(3, ring.Lost);
    }

    /// <summary>Samples are their own positions, so that whatever gets lost or mixed up between two threads shows.</summary>
    [Theory]
    [InlineData(1, 64, 1)]
    [InlineData(2, 256, 97)]
    [InlineData(3, 1024, 512)]
    [InlineData(4, 16, 13)]
    public void Two_threads_never_mix_samples_up(int seed, int capacity, int length)
    {
        const int All = 400_000;
        var ring = new SampleRing<int>(capacity);
        bool ended = false;
        var writer = new Thread(() =>
        {
            var random = new Random(seed);
            var samples = new int[2 * capacity];
            for (int at = 0; at < All;)
            {
                int count = Math.Min(All - at, random.Next(1, capacity / 2));
                for (int i = 0; i < count; i++) samples[i] = at + i;
                ring.Write(samples.AsSpan(0, count));
                at += count;
                if (random.Next(4) == 0) Thread.Yield();
            }
            Volatile.Write(ref ended, true);
        });
        writer.Start();
        var part = new int[length];
        long heard = 0, next = 0;
        while (true)
        {
            bool last = Volatile.Read(ref ended);
            int got = last ? ring.ReadRest(part, out long position) : ring.Read(part, out position);
            if (got == 0 && last) break;
            if (got == 0) continue;
            Assert.True(position >= next, $"{position} came after {next}");
            for (int i = 0; i < length; i++)
                if (part[i] != (i < got ? position + i : 0)) Assert.Fail($"sample {position + i} is {part[i]}");
            (next, heard) = (position + got, heard + got);
        }
        writer.Join();
        Assert.Equal(All, heard + ring.Lost);
    }
}
