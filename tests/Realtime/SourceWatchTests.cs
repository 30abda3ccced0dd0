using EdgeRuntime.Pipelines;
using EdgeRuntime.Realtime;
using EdgeRuntime.Tensors;
using Xunit;

namespace EdgeRuntime.Tests.Realtime;

/// <summary>What is told of sources that give nothing of use.</summary>
public class SourceWatchTests
{
    private readonly List<SourceEvent> events = [];

    [Theory]
    [InlineData(PixelFormat.Rgb24, 0)]
    [InlineData(PixelFormat.Rgba32, 0)]
    [InlineData(PixelFormat.Yuv420p, 16)]
    [InlineData(PixelFormat.Nv12, 16)]
    public void Black_pictures_are_told_after_a_second_and_when_they_end(PixelFormat format, byte value)
    {
        var watch = new SourceWatch(events.Add);
        for (int i = 0; i < 200; i++) watch.Look(Picture(format, i is >= 50 and < 150 ? value : (byte)(60 + i), i), Time(i));
        Assert.Equal([(SourceTrouble.Black, true, Time(75)), (SourceTrouble.Black, false, Time(150))], events.Select(e => (e.Trouble, e.Begins, e.Time)));
        Assert.Equal(TimeSpan.FromSeconds(4), events[1].Lasted);
    }

    [Fact]
    public void The_same_picture_again_and_again_is_told()
    {
        var watch = new SourceWatch(events.Add);
        for (int i = 0; i < 200; i++) watch.Look(Picture(PixelFormat.Rgb24, 100, i < 20 ? i : i < 150 ? 20 : i), Time(i));
        Assert.Equal([(SourceTrouble.Stuck, true), (SourceTrouble.Stuck, false)], events.Select(e => (e.Trouble, e.Begins)));
    }

    [Fact]
    public void Silence_and_clipping_are_told()
    {
        var watch = new SourceWatch(events.Add);
        var part = new float[160];
        for (int i = 0; i < 1000; i++)
        {
            for (int s = 0; s < part.Length; s++) part[s] = i is >= 100 and < 600 ? 0 : i is >= 700 and < 800 ? (s % 20 < 10 ? 1 : -1) : 0.3f * MathF.Sin(s * 0.3f);
            watch.Hear(part, TimeSpan.FromMilliseconds(10 * i));
        }
        Assert.Equal([(SourceTrouble.Silent, true), (SourceTrouble.Silent, false), (SourceTrouble.Clipped, true), (SourceTrouble.Clipped, false)], events.Select(e => (e.Trouble, e.Begins)));
    }

    [Fact]
    public void Watching_allocates_nothing()
    {
        var watch = new SourceWatch(_ => { });
        Frame frame = Picture(PixelFormat.Rgb24, 100, 1);
        var part = new float[160];
        watch.Look(frame, Time(0));
        watch.Hear(part, Time(0));
        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            watch.Look(frame, Time(i));
            watch.Hear(part, Time(i));
        }
        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static TimeSpan Time(int frame) => TimeSpan.FromMilliseconds(40 * frame);

    private static Frame Picture(PixelFormat format, byte value, int number)
    {
        var frame = new Frame();
        frame.Resize(64, 48, format);
        frame.Pixels.Fill(value);
        if (format == PixelFormat.Rgba32)
            for (int i = 3; i < frame.Pixels.Length; i += 4) frame.Pixels[i] = 255;
        // A little of each picture moves.
        if (value > 24) frame.Pixels[..64].Fill((byte)number);
        return frame;
    }
}
