namespace EdgeRuntime.Backends.Cpu;

/// <summary>
/// What is left of each worker's share of a kernel's tiles. A worker takes from the front of its own share, so that from kernel to kernel it meets the part of a picture that its
/// cache holds; when nothing is left of it, it takes from the back of another's.
/// </summary>
internal sealed class TileShares(int workers)
{
    /// <summary>Two cache lines of numbers: processors fetch lines in pairs.</summary>
    private const int Stride = 16;

    /// <summary>First tile in the upper 32 bits, end in the lower; a share only shrinks, so whoever exchanges what it read has read the truth.</summary>
    private readonly long[] left = new long[(workers + 1) * Stride];

    /// <summary>Divides tiles among all workers. Nobody may take any meanwhile.</summary>
    public void Deal(int tiles) => Deal(0, tiles);

    /// <summary>Divides tiles from <paramref name="first"/> up to but not including <paramref name="last"/> among all workers. Nobody may take any meanwhile.</summary>
    public void Deal(int first, int last)
    {
        long tiles = last - first;
        for (int worker = 0; worker < workers; worker++)
            Volatile.Write(ref Share(worker), Pack(first + (int)(tiles * worker / workers), first + (int)(tiles * (worker + 1) / workers)));
    }

    /// <summary>Takes back all that nobody has taken.</summary>
    public void Clear()
    {
        for (int worker = 0; worker < workers; worker++) Interlocked.Exchange(ref Share(worker), 0);
    }

    /// <summary>Some tiles for a worker; false when none are left anywhere.</summary>
    public bool TryTake(int worker, out int first, out int last)
    {
        if (TryTake(ref Share(worker), atFront: true, out first, out last)) return true;
        for (int i = 1; i < workers; i++)
            if (TryTake(ref Share((worker + i) % workers), atFront: false, out first, out last)) return true;
        return false;
    }

    /// <summary>A quarter of a worker's own share at a time, so that others can help when it is held up; half of another's.</summary>
    private static bool TryTake(ref long share, bool atFront, out int first, out int last)
    {
        long seen = Volatile.Read(ref share);
        while (true)
        {
            (first, last) = ((int)(seen >> 32), (int)seen);
            if (first >= last) return false;
            int taken = Math.Max(1, (last - first) / (atFront ? 4 : 2));
            long before = Interlocked.CompareExchange(ref share, atFront ? Pack(first + taken, last) : Pack(first, last - taken), seen);
            if (before == seen)
            {
                if (atFront) last = first + taken;
                else first = last - taken;
                return true;
            }
            seen = before;
        }
    }

    private ref long Share(int worker) => ref left[(worker + 1) * Stride];

    private static long Pack(int first, int last) => ((long)first << 32) | (uint)last;
}
