using EdgeRuntime.Operators;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>
/// Cuts a list of dispatches into submissions, since a system resets a device that is busy with one of them for too long. A cut is the index
/// after the last dispatch of a submission.
/// </summary>
internal static class GpuCuts
{
    /// <summary>What a submission may take.</summary>
    public const long MostNanoseconds = 100_000_000;

    /// <summary>What even a slow device does in that time; a byte counts as an operation.</summary>
    private const long LeastWork = 50_000_000;

    /// <summary>Cuts for a device that has not been measured: steps are put together while the slowest could still do them in time.</summary>
    public static int[] Estimate(GpuProgram program) => Estimate(program, LeastWork);

    /// <summary>Cuts into pieces of about so many operations and bytes; a step is a piece at least.</summary>
    public static int[] Estimate(GpuProgram program, long pieceWork)
    {
        var cuts = new List<int>();
        long work = 0;
        for (int i = 0; i < program.Dispatches.Count; i++)
        {
            int step = program.Dispatches[i].Step;
            bool begins = i == 0 || program.Dispatches[i - 1].Step != step;
            Cost cost = step < 0 || !begins ? default : program.Plan.Steps[step].Cost;
            long more = cost.Operations + cost.Bytes;
            if (work > 0 && work + more > pieceWork)
            {
                cuts.Add(i);
                work = 0;
            }
            work += more;
        }
        cuts.Add(program.Dispatches.Count);
        return [.. cuts];
    }

    /// <summary>Better cuts, now that the duration of each submission is known: those that fit are joined, those too long are divided evenly.</summary>
    public static int[] Measured(int[] cuts, ReadOnlySpan<long> nanoseconds)
    {
        var better = new List<int>();
        long sum = 0;
        for (int i = 0; i < cuts.Length; i++)
        {
            int first = i == 0 ? 0 : cuts[i - 1], count = cuts[i] - first;
            long parts = Math.Clamp((nanoseconds[i] + MostNanoseconds - 1) / MostNanoseconds, 1, Math.Max(count, 1));
            if (parts == 1 && better.Count > 0 && sum + nanoseconds[i] <= MostNanoseconds)
            {
                better[^1] = cuts[i];
                sum += nanoseconds[i];
                continue;
            }
            for (long part = 1; part <= parts; part++) better.Add(first + (int)(count * part / parts));
            sum = parts == 1 ? nanoseconds[i] : MostNanoseconds;
        }
        return [.. better];
    }
}
