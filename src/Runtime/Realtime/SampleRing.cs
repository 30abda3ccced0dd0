using System.Numerics;

namespace EdgeRuntime.Realtime;

/// <summary>
/// Samples from the thread that records to the one that listens; neither waits, and nothing is allocated. A sample has a position, counted from the first that was recorded, also when those
/// before it were lost for want of room: so its time is always right.
/// </summary>
/// <typeparam name="T">A sample, such as <see cref="float"/> or <see cref="short"/>.</typeparam>
public sealed class SampleRing<T> where T : unmanaged
{
    /// <summary>Losses that are told apart while nobody reads; later ones are put together with the last.</summary>
    private const int MostGaps = 64;

    private readonly T[] samples;
    private readonly (long At, long Lost)[] gaps = new (long, long)[MostGaps];

    /// <summary>Samples put in and taken out; gaps noted and passed.</summary>
    private long written, read, gapsNoted, gapsPassed;

    /// <summary>Lost before the next sample that is written, of the writing thread; lost in all, and before the next that is read.</summary>
    private long losing, lost, skipped;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">How many samples are kept at least; the next power of two is taken.</param>
    public SampleRing(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(capacity, 1 << 28);
        samples = new T[BitOperations.RoundUpToPowerOf2((uint)capacity)];
    }

    /// <summary>How many samples there is room for.</summary>
    public int Capacity => samples.Length;

    /// <summary>How many wait.</summary>
    public int Count => (int)(Volatile.Read(ref written) - Volatile.Read(ref read));

    /// <summary>How many were lost for want of room.</summary>
    public long Lost => Volatile.Read(ref lost);

    /// <summary>Position of the next sample that is read. Of the reading thread.</summary>
    public long Position
    {
        get
        {
            PassGaps();
            return skipped + read;
        }
    }

    /// <summary>Puts samples in; what there is no room for is lost, and counted. Of the writing thread.</summary>
    /// <returns>How many were put in.</returns>
    public int Write(ReadOnlySpan<T> added)
    {
        int room = samples.Length - (int)(written - Volatile.Read(ref read)), kept = Math.Min(room, added.Length);
        if (kept > 0 && losing > 0 && gapsNoted - Volatile.Read(ref gapsPassed) < MostGaps)
        {
            gaps[gapsNoted % MostGaps] = (written, losing);
            Volatile.Write(ref gapsNoted, gapsNoted + 1);
            losing = 0;
        }
        // With no place left to note where a loss is, these are lost with it.
        if (losing > 0) kept = 0;
        int start = (int)(written & (samples.Length - 1)), first = Math.Min(kept, samples.Length - start);
        added[..first].CopyTo(samples.AsSpan(start));
        added[first..kept].CopyTo(samples);
        losing += added.Length - kept;
        if (kept < added.Length) Volatile.Write(ref lost, lost + added.Length - kept);
        Volatile.Write(ref written, written + kept);
        return kept;
    }

    /// <summary>Some were never recorded: positions go on behind them. Of the writing thread.</summary>
    /// <param name="count">How many.</param>
    public void Skip(long count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        losing += count;
    }

    /// <summary>
    /// Takes a part out when it is whole: as many samples as it is long, or those up to the next loss, after which it is filled with silence. Of the reading thread.
    /// </summary>
    /// <param name="part">What is written.</param>
    /// <param name="position">Position of its first sample.</param>
    /// <returns>How many of it are samples; 0 when it is not there yet.</returns>
    public int Read(Span<T> part, out long position) => Read(part, out position, evenShort: false);

    /// <summary>As <see cref="Read(Span{T}, out long)"/>, and the rest too, however short: for the end of a recording. Of the reading thread.</summary>
    /// <param name="part">What is written.</param>
    /// <param name="position">Position of its first sample.</param>
    /// <returns>How many of it are samples; 0 when there are none.</returns>
    public int ReadRest(Span<T> part, out long position) => Read(part, out position, evenShort: true);

    /// <summary>True when <see cref="Read(Span{T}, out long)"/> would give a part of that length. Of the reading thread.</summary>
    public bool Has(int length) => ReadyFor(length, evenShort: false) > 0;

    private int Read(Span<T> part, out long position, bool evenShort)
    {
        int count = ReadyFor(part.Length, evenShort);
        position = skipped + read;
        if (count == 0) return 0;
        int start = (int)(read & (samples.Length - 1)), first = Math.Min(count, samples.Length - start);
        samples.AsSpan(start, first).CopyTo(part);
        samples.AsSpan(0, count - first).CopyTo(part[first..]);
        part[count..].Clear();
        Volatile.Write(ref read, read + count);
        return count;
    }

    private int ReadyFor(int length, bool evenShort)
    {
        PassGaps();
        // A gap is noted before what comes after it is written: read in the other order, none is overlooked.
        long there = Volatile.Read(ref written) - read;
        bool ends = gapsPassed < Volatile.Read(ref gapsNoted) && gaps[gapsPassed % MostGaps].At - read < length;
        if (ends) return (int)(gaps[gapsPassed % MostGaps].At - read);
        return there >= length ? length : evenShort ? (int)there : 0;
    }

    /// <summary>Counts what was lost before the sample that is read next.</summary>
    private void PassGaps()
    {
        while (gapsPassed < Volatile.Read(ref gapsNoted) && gaps[gapsPassed % MostGaps].At == read)
        {
            skipped += gaps[gapsPassed % MostGaps].Lost;
            Volatile.Write(ref gapsPassed, gapsPassed + 1);
        }
    }
}
