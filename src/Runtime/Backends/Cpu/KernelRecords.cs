using System.Globalization;

namespace EdgeRuntime.Backends.Cpu;

/// <summary>A kernel as it was chosen.</summary>
/// <param name="Choice">Which one.</param>
/// <param name="Name">Its name, for people.</param>
/// <param name="Nanoseconds">How long one execution takes.</param>
internal sealed record KernelRecord(KernelChoice Choice, string Name, long Nanoseconds);

/// <summary>Which kernel is the fastest for which step, as it was measured on this machine; kept in a file between starts, where there is a folder for it.</summary>
internal sealed class KernelRecords
{
    private const int MostEntries = 1 << 16, LongestName = 200;

    private readonly Dictionary<string, KernelRecord> records = new(StringComparer.Ordinal);
    private readonly RecordFile? file;
    private bool isChanged;

    /// <summary>Reads what there is.</summary>
    /// <param name="folder">Where the file is; null for nowhere.</param>
    /// <param name="identity">What machine it is for; see <see cref="CpuIdentity"/>.</param>
    public KernelRecords(string? folder, string identity)
    {
        if (folder is null) return;
        file = new RecordFile(Path.Combine(folder, $"cpu-{CpuIdentity.Digest(identity)}.measured"), $"EdgeRuntime CPU measurements 1\n{identity}\nkernels {CpuIdentity.Kernels}\n");
        Merge(file.Read());
    }

    /// <summary>How many there are.</summary>
    public int Count => records.Count;

    /// <summary>What went wrong with the file; null for nothing.</summary>
    public string? Problem => file?.Problem;

    /// <summary>The choice for a signature; null where there is none.</summary>
    public KernelRecord? Find(string signature) => records.GetValueOrDefault(signature);

    /// <summary>Notes a choice.</summary>
    public void Add(string signature, KernelRecord record)
    {
        if (records.Count >= MostEntries && !records.ContainsKey(signature)) return;
        records[signature] = record;
        isChanged = true;
    }

    /// <summary>Writes what was found out since the last time, beside what other processes found out meanwhile.</summary>
    public void Save()
    {
        if (file is null || !isChanged) return;
        Merge(file.Read());
        if (file.Write(records.Select(r => string.Create(CultureInfo.InvariantCulture, $"{r.Key}\t{r.Value.Choice}\t{r.Value.Nanoseconds}\t{r.Value.Name}")))) isChanged = false;
    }

    /// <summary>Takes what is not known yet; lines that make no sense are left out.</summary>
    private void Merge(string[]? lines)
    {
        foreach (string line in lines ?? [])
        {
            if (records.Count < MostEntries && line.Split('\t') is [{ Length: 64 } signature, var choice, var nanoseconds, { Length: > 0 and <= LongestName } name]
                && KernelChoice.Parse(choice) is { } known && long.TryParse(nanoseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time))
                records.TryAdd(signature, new KernelRecord(known, name, time));
        }
    }
}
