using EdgeRuntime.Pipelines;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Realtime;

/// <summary>
/// Looks at what a source gives and tells when it is black, stuck, silent or clipped, and when it is so no more. Of a picture a few thousand bytes are looked at, so it costs some microseconds.
/// Allocates nothing. Used by the thread that captures.
/// </summary>
/// <param name="tell">Told what begins and ends.</param>
public sealed class SourceWatch(Action<SourceEvent> tell)
{
    private const int Looks = 4096;

    /// <summary>Of so many bytes one may be brighter: time stamps, dead pixels.</summary>
    private const int BrightOnes = 128;

    /// <summary>Luma 16 is black.</summary>
    private const byte Dark = 24;

    /// <summary>-80 dB of full scale; microphones hiss louder.</summary>
    private const float Quiet = 1e-4f, Full = 0.999f;

    /// <summary>Of so many samples one may be at full scale.</summary>
    private const int FullOnes = 100;

    private readonly TroubleTimer black = new(SourceTrouble.Black, TimeSpan.FromSeconds(1)), stuck = new(SourceTrouble.Stuck, TimeSpan.FromSeconds(3)),
        silent = new(SourceTrouble.Silent, TimeSpan.FromSeconds(3)), clipped = new(SourceTrouble.Clipped, TimeSpan.FromMilliseconds(300));
    private ulong last;

    /// <summary>Looks at a picture.</summary>
    /// <param name="frame">The picture.</param>
    /// <param name="time">When it was captured, on the monotonic clock.</param>
    public void Look(Frame frame, TimeSpan time)
    {
        ArgumentNullException.ThrowIfNull(frame);
        // Of planes only the first is luma; of pixels each byte counts but the one of opacity.
        ReadOnlySpan<byte> bytes = frame.Format.IsYuv() ? frame.Pixels[..(frame.Width * frame.Height)] : frame.Pixels;
        int step = Math.Max(1, bytes.Length / Looks) | 1, bright = 0, seen = 0;
        ulong print = (ulong)bytes.Length;
        for (int i = 0; i < bytes.Length; i += step)
        {
            if (frame.Format == PixelFormat.Rgba32 && (i & 3) == 3) continue;
            seen++;
            bright += bytes[i] > Dark ? 1 : 0;
            print = (print ^ bytes[i]) * 0x100000001B3;
        }
        bool isBlack = bright * BrightOnes <= seen;
        black.Look(isBlack, time, tell);
        // A black picture is the same again and again, which is said already.
        stuck.Look(print == last && !isBlack, time, tell);
        last = print;
    }

    /// <summary>Listens to sound.</summary>
    /// <param name="samples">The samples, between -1 and 1.</param>
    /// <param name="time">When the last of them was recorded, on the monotonic clock.</param>
    public void Hear(ReadOnlySpan<float> samples, TimeSpan time)
    {
        if (samples.IsEmpty) return;
        int loud = 0;
        float most = 0;
        foreach (float sample in samples)
        {
            float size = Math.Abs(sample);
            most = Math.Max(most, size);
            loud += size >= Full ? 1 : 0;
        }
        silent.Look(most < Quiet, time, tell);
        clipped.Look(loud * FullOnes > samples.Length, time, tell);
    }

    /// <summary>Tells of what is so for long enough, and when it is over.</summary>
    private sealed class TroubleTimer(SourceTrouble trouble, TimeSpan patience)
    {
        private TimeSpan since, until;
        private bool holds, told;

        public void Look(bool isSo, TimeSpan time, Action<SourceEvent> tell)
        {
            if (isSo)
            {
                if (!holds) (since, holds) = (time, true);
                until = time;
                if (told || time - since < patience) return;
                told = true;
                tell(new SourceEvent(trouble, Begins: true, time, time - since));
            }
            // It is over when it was not so for as long as it takes to begin, or else it would flicker; but one new picture is proof.
            else if (holds && (!told || trouble is SourceTrouble.Stuck or SourceTrouble.Black or SourceTrouble.Silent || time - until >= patience))
            {
                if (told) tell(new SourceEvent(trouble, Begins: false, time, time - since));
                (holds, told) = (false, false);
            }
        }
    }
}
