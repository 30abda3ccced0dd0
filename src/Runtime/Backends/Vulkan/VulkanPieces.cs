using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Vulkan;

/// <summary>
/// A frame that is submitted in pieces, as many at once as are expected to fit a budget. Who does not wait for devices has the device work on a piece meanwhile, and finds it done in the next call.
/// </summary>
internal sealed class VulkanPieces
{
    /// <summary>Operations and bytes of a piece: so few that a slow device does them in a millisecond, so many that submitting costs little beside them.</summary>
    private const long Work = 20_000_000;

    private readonly VulkanFrame frame;
    private readonly LearnedCost[] costs;
    private int next, underWay;
    private long start;

    /// <summary>Records the pieces.</summary>
    public VulkanPieces(GpuProgram program, VulkanFrame frame)
    {
        this.frame = frame;
        int[] cuts = GpuCuts.Estimate(program, Work);
        costs = new LearnedCost[cuts.Length];
        frame.RecordPieces(cuts);
    }

    /// <summary>Goes on; true when the last piece has ended.</summary>
    public bool Advance(in TimeBudget budget)
    {
        while (true)
        {
            if (underWay > 0 && !Ends(budget)) return false;
            if (next == costs.Length)
            {
                next = 0;
                return true;
            }
            start = budget.Timestamp;
            int count = Fit(budget);
            if (count == 0) return false;
            frame.SubmitPieces(next, count);
            underWay = count;
        }
    }

    /// <summary>Waits for what the device still does, and begins with the first piece next time.</summary>
    public void Abandon()
    {
        frame.Wait();
        (next, underWay) = (0, 0);
    }

    private bool Ends(in TimeBudget budget)
    {
        // How long a piece takes is found out once by waiting for it, whoever asks.
        bool first = costs[next].Mean == 0;
        if (!first && !budget.WaitsForDevices && !budget.IsUnlimited)
        {
            if (!frame.HasEnded(TimeSpan.Zero)) return false;
            (next, underWay) = (next + underWay, 0);
            return true;
        }
        if (first || budget.IsUnlimited) frame.Wait();
        else if (!frame.HasEnded(budget.Left)) return false;
        double taken = budget.Nanoseconds(start, budget.Timestamp), expected = 0;
        for (int i = next; i < next + underWay; i++) expected += costs[i].Mean;
        for (int i = next; i < next + underWay; i++) costs[i].Learn(expected > 0 ? costs[i].Mean * taken / expected : taken / underWay);
        (next, underWay) = (next + underWay, 0);
        return true;
    }

    private int Fit(in TimeBudget budget)
    {
        int count = 0;
        double sum = 0;
        while (next + count < costs.Length)
        {
            double cost = costs[next + count].Expected;
            // What is not known yet goes alone.
            if (count > 0 && cost == 0) break;
            sum += cost;
            if (budget.Fit(sum, 1, start) == 0) break;
            count++;
            if (cost == 0) break;
        }
        return count;
    }
}
