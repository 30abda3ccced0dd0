using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tools.Evaluation;

/// <summary>Samples as they were found, before any model has seen them.</summary>
/// <param name="Description">What they are, in a few words.</param>
/// <param name="Samples">The samples, in an order that stays.</param>
/// <param name="Classes">Names of the classes that labels speak of, by number; empty where there are none.</param>
internal sealed record DataSource(string Description, IReadOnlyList<Sample> Samples, IReadOnlyList<string> Classes)
{
    /// <summary>Samples of each class that are kept from training unless something else is asked for; 0 where all may be used.</summary>
    public int HeldBack { get; init; }

    /// <summary>Of how many samples one is taken unless something else is asked for: neighbours in a video are alike.</summary>
    public int Every { get; init; } = 1;

    /// <summary>One of so many samples, beginning with the first.</summary>
    public DataSource OneOf(int every) => every == 1 ? this : this with { Description = $"{Description}, one of {every}", Samples = [.. Samples.Where((_, i) => i % every == 0)] };

    /// <summary>The last samples of each class, which training must not have seen; of samples without classes the last of all.</summary>
    /// <param name="count">How many of each class; 0 for all samples.</param>
    public DataSource OnlyHeldBack(int count) => count == 0 ? this : this with { Description = $"{Description}, the last {count} of each class", Samples = Divide(count, kept: true) };

    /// <summary>All but the last samples of each class: what may be trained and calibrated with.</summary>
    public DataSource WithoutHeldBack(int count) => count == 0 ? this : this with { Description = $"{Description}, without the last {count} of each class", Samples = Divide(count, kept: false) };

    /// <summary>So many samples by chance, in their order; all where there are no more.</summary>
    public DataSource Some(int count, int seed)
    {
        if (count >= Samples.Count) return this;
        int[] order = [.. Enumerable.Range(0, Samples.Count)];
        new Random(seed).Shuffle(order);
        return this with { Description = $"{Description}, {count} by chance (seed {seed})", Samples = [.. order.Take(count).Order().Select(i => Samples[i])] };
    }

    private Sample[] Divide(int count, bool kept)
    {
        Dictionary<int, int> total = Samples.GroupBy(ClassOf).ToDictionary(g => g.Key, g => g.Count()), seen = [];
        var chosen = new List<Sample>();
        foreach (Sample sample in Samples)
        {
            int label = ClassOf(sample), place = seen.GetValueOrDefault(label);
            seen[label] = place + 1;
            if (place >= total[label] - count == kept) chosen.Add(sample);
        }
        return chosen.Count > 0 ? [.. chosen] : throw new EdgeException(ErrorCode.BadUsage, $"With the last {count} of each class held back, nothing of {Description} is left.", "Give a smaller number with --held-back.");
    }

    private static int ClassOf(Sample sample) => sample.Truth is ClassTruth truth ? truth.Class : -1;
}
