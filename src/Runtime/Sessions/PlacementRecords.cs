using System.Globalization;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>
/// What was found out on this machine about where models run best; kept in a file between starts, where there is a folder for it. The file is for one processor with a number of threads, devices with the versions of their drivers, and
/// this version of the kernels; nothing in it is trusted that does not fit the plan.
/// </summary>
internal sealed class PlacementRecords
{
    private const int MostEntries = 256, MostContenders = 16;

    private const string TransferTag = "transfer";

    private readonly Dictionary<string, string> entries = new(StringComparer.Ordinal);
    private readonly Dictionary<int, TransferCost> transfers = [];
    private readonly IReadOnlyList<BackendTraits> backends;
    private readonly RecordFile? file;

    /// <summary>Reads what there is.</summary>
    /// <param name="folder">Where the file is; null for nowhere.</param>
    /// <param name="backends">The backends, the host last.</param>
    public PlacementRecords(string? folder, IReadOnlyList<IBackend> backends)
    {
        this.backends = [.. backends.Select(b => b.Traits)];
        if (folder is null) return;
        string[] identities = [.. backends.Select(b => OneLine(b is IProfiledBackend profiled ? profiled.Identity : $"{b.Traits.Name} {b.Traits.Device} {string.Join(' ', b.Traits.Details)}"))];
        string names = string.Join('\n', this.backends.Select(t => $"{t.Name} {t.Device}").Append(identities[^1]));
        file = new RecordFile(Path.Combine(folder, $"placement-{CpuIdentity.Digest(names)}.measured"),
            $"EdgeRuntime placements 1\n{string.Concat(identities.Select(i => i + "\n"))}kernels {CpuIdentity.Kernels}\n");
        Merge(file.Read());
    }

    /// <summary>What went wrong with the file; null for nothing.</summary>
    public string? Problem => file?.Problem;

    /// <summary>What transfers to a backend cost; null where nobody measured.</summary>
    public TransferCost? Transfer(int backend) => transfers.TryGetValue(backend, out TransferCost known) ? known : null;

    /// <summary>Notes what transfers to a backend cost.</summary>
    public void Add(int backend, TransferCost cost) => transfers[backend] = cost;

    /// <summary>What is known of a plan; null where that is nothing, or does not fit.</summary>
    public PlacementFindings? Find(string digest, ExecutionPlan plan) => entries.TryGetValue(digest, out string? line) ? PlacementLine.Parse(line, backends, plan.Steps.Count, MostContenders) : null;

    /// <summary>Notes what was found out.</summary>
    public void Add(string digest, PlacementFindings findings) => entries[digest] = PlacementLine.Format(digest, findings);

    /// <summary>Writes what is known, beside what other processes found out meanwhile.</summary>
    public void Save()
    {
        if (file is null) return;
        Merge(file.Read());
        file.Write(
        [
            .. transfers.OrderBy(t => t.Key).Select(t => string.Create(CultureInfo.InvariantCulture, $"{TransferTag}\t{t.Key}\t{t.Value.Overhead:R}\t{t.Value.InPerByte:R}\t{t.Value.OutPerByte:R}")),
            .. entries.Values.OrderByDescending(PlacementLine.TimeOf).Take(MostEntries),
        ]);
    }

    private void Merge(string[]? lines)
    {
        foreach (string line in lines ?? [])
        {
            switch (line.Split('\t', 6))
            {
                case [TransferTag, var backend, var overhead, var into, var from]:
                    if (int.TryParse(backend, NumberStyles.None, CultureInfo.InvariantCulture, out int index) && index < backends.Count
                        && PlacementLine.Number(overhead) is { } o && PlacementLine.Number(into) is { } i && PlacementLine.Number(from) is { } f) transfers.TryAdd(index, new TransferCost(o, i, f));
                    break;
                case [{ Length: PlanDigest.Length } digest, _, ..]:
                    if (entries.Count < 2 * MostEntries) entries.TryAdd(digest, line);
                    break;
            }
        }
    }

    private static string OneLine(string text) => string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
}
