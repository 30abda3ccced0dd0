using System.Globalization;

namespace EdgeRuntime.Tools.Benchmark;

/// <summary>How large the processor's caches are, as the system says, or as many processors have them where it does not.</summary>
/// <param name="PerCore">The cache before the last one, in bytes: that of a core.</param>
/// <param name="Last">The last cache, which cores share, in bytes.</param>
internal readonly record struct CacheSizes(long PerCore, long Last)
{
    private const string Folder = "/sys/devices/system/cpu/cpu0/cache";

    /// <summary>Blocks from memory: several times the last cache, but not so much that small machines run out of it.</summary>
    private const long MostMemory = 256L << 20, LeastMemory = 32L << 20;

    /// <summary>Asks the system.</summary>
    public static CacheSizes Find()
    {
        var ofLevel = new SortedDictionary<long, long>();
        if (Directory.Exists(Folder))
        {
            foreach (string index in Directory.EnumerateDirectories(Folder, "index*"))
                if (Read(index, "type") != "Instruction" && Parse(Read(index, "level")) is > 0 and var level && Parse(Read(index, "size")) is > 0 and var size) ofLevel[level] = size;
        }
        if (ofLevel.Count == 0) return new CacheSizes(512 << 10, 8 << 20);
        long last = ofLevel.Values.Last();
        return new CacheSizes(ofLevel.Count > 1 ? ofLevel.Values.SkipLast(1).Last() : last, last);
    }

    /// <summary>Bytes of a block that can lie in no cache.</summary>
    public long MemorySample(int threads)
    {
        long available = GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 8;
        return Math.Max(LeastMemory, Math.Min(Math.Min(available, MostMemory), 4 * Math.Max(Last, PerCore * threads)));
    }

    /// <summary>Bytes of a block that lies in the last cache and not in those before it: others may use it, too, so as little as that allows.</summary>
    public long CacheSample(int threads) => Last > 2 * PerCore * threads ? Math.Min(Last / 2, 4 * PerCore * threads) : Math.Max(Last / 2, 64 << 10);

    /// <summary>Bytes of a size such as 32K or 1M; 0 for anything else.</summary>
    internal static long Parse(string text)
    {
        int shift = text.EndsWith('K') ? 10 : text.EndsWith('M') ? 20 : 0;
        return long.TryParse(text.AsSpan(0, text.Length - (shift > 0 ? 1 : 0)), NumberStyles.None, CultureInfo.InvariantCulture, out long number) && number < 1L << 30 ? number << shift : 0;
    }

    private static string Read(string folder, string name)
    {
        string path = Path.Combine(folder, name);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : "";
    }
}
