using System.Globalization;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>A way to execute a step, as it was chosen.</summary>
/// <param name="Candidate">Its place among the ways.</param>
/// <param name="Name">Its name.</param>
/// <param name="Nanoseconds">How long one execution takes; 0 where it was not measured but taken from a similar step.</param>
internal sealed record GpuChoice(int Candidate, string Name, long Nanoseconds);

/// <summary>What became of a kernel's self-test.</summary>
/// <param name="Key">What was tested.</param>
/// <param name="Passed">Whether it computes what it should.</param>
/// <param name="MaxError">Largest difference from what is expected.</param>
/// <param name="Detail">Why it failed; empty when it passed.</param>
internal sealed record GpuTestResult(GpuTestKey Key, bool Passed, double MaxError, string Detail);

/// <summary>
/// What was found out about a device and is worth to be kept for the next start: which way is the fastest for a step, and which kernels compute
/// what they should. One line each, in any order; files are not trusted, so lines that make no sense are left out.
/// </summary>
internal sealed class GpuRecords
{
    private const int MostEntries = 1 << 16, LongestName = 200;

    private readonly Lock access = new();
    private readonly Dictionary<string, GpuChoice> choices = new(StringComparer.Ordinal);
    private readonly Dictionary<GpuTestKey, GpuTestResult> tests = [];

    /// <summary>Grows with everything that is found out.</summary>
    public int Version { get; private set; }

    /// <summary>The choice for a signature, see <see cref="GpuSignature"/>; null where there is none.</summary>
    public GpuChoice? Choice(string signature)
    {
        lock (access) return choices.GetValueOrDefault(signature);
    }

    /// <summary>The result of a self-test; null where there is none.</summary>
    public GpuTestResult? Test(GpuTestKey key)
    {
        lock (access) return tests.GetValueOrDefault(key);
    }

    /// <summary>All results of self-tests.</summary>
    public IReadOnlyList<GpuTestResult> Tests
    {
        get
        {
            lock (access) return [.. tests.Values];
        }
    }

    /// <summary>Notes a choice.</summary>
    public void Add(string signature, GpuChoice choice)
    {
        lock (access)
        {
            if (choices.Count < MostEntries) choices[signature] = choice;
            Version++;
        }
    }

    /// <summary>Notes the result of a self-test.</summary>
    public void Add(GpuTestResult result)
    {
        lock (access)
        {
            if (tests.Count < MostEntries) tests[result.Key] = result;
            Version++;
        }
    }

    /// <summary>Takes what others found out and this does not know.</summary>
    public void Merge(GpuRecords others)
    {
        lock (access)
        {
            foreach ((string signature, GpuChoice choice) in others.choices) choices.TryAdd(signature, choice);
            foreach ((GpuTestKey key, GpuTestResult result) in others.tests) tests.TryAdd(key, result);
        }
    }

    /// <summary>One line for each entry.</summary>
    public IReadOnlyList<string> Lines()
    {
        lock (access)
        {
            return
            [
                .. choices.Select(c => string.Create(CultureInfo.InvariantCulture, $"choice\t{c.Key}\t{c.Value.Candidate}\t{c.Value.Nanoseconds}\t{c.Value.Name}")),
                .. tests.Values.Select(t => string.Create(CultureInfo.InvariantCulture,
                    $"test\t{t.Key.Candidate}\t{t.Key.Kernel}\t{t.Key.Variant}\t{(t.Passed ? "passed" : "failed")}\t{t.MaxError:R}\t{OneLine(t.Detail)}")),
            ];
        }
    }

    /// <summary>Reads lines.</summary>
    public static GpuRecords Parse(IEnumerable<string> lines)
    {
        var records = new GpuRecords();
        foreach (string line in lines.Take(2 * MostEntries))
        {
            string[] parts = line.Split('\t', 8);
            if (parts is ["choice", { Length: 64 } signature, var candidate, var nanoseconds, { Length: <= LongestName } name]
                && int.TryParse(candidate, NumberStyles.None, CultureInfo.InvariantCulture, out int place) && long.TryParse(nanoseconds, NumberStyles.None, CultureInfo.InvariantCulture, out long time))
                records.choices[signature] = new GpuChoice(place, name, time);
            else if (parts is ["test", { Length: <= LongestName } way, { Length: <= LongestName } kernel, { Length: <= LongestName } variant, "passed" or "failed", var error, { Length: <= LongestName } detail]
                && double.TryParse(error, NumberStyles.Float, CultureInfo.InvariantCulture, out double most))
                records.tests[new(way, kernel, variant)] = new GpuTestResult(new(way, kernel, variant), parts[4] == "passed", most, detail);
        }
        return records;
    }

    private static string OneLine(string text)
    {
        string line = string.Concat(text.Select(c => char.IsControl(c) ? ' ' : c));
        return line.Length <= LongestName ? line : line[..LongestName];
    }
}
