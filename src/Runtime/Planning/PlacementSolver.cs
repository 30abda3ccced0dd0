namespace EdgeRuntime.Planning;

/// <summary>
/// Finds where each step of a plan should run, by what steps and transfers cost. Between sections everything lies in the host's memory, so what a section costs depends on nothing but which
/// steps it has and who runs it: for a given order of steps the best division is found exactly, by dynamic programming over where the last section begins.
/// </summary>
/// <remarks>Which order of independent branches is best is not searched for: the plan's own is taken, and then, as long as that gains something, the one that changes backends least for what was found.</remarks>
internal static class PlacementSolver
{
    /// <summary>Work grows with the square of the number of steps; a plan of more is not cut.</summary>
    public const int MostSteps = 4000;

    private const int MostOrders = 4;

    /// <summary>The cheapest backend for each step.</summary>
    /// <param name="flow">The plan.</param>
    /// <param name="costs">What it costs; the last backend takes every step.</param>
    public static int[] Solve(PlanFlow flow, PlacementCosts costs)
    {
        int steps = flow.Plan.Steps.Count, host = costs.Backends - 1;
        int[] best = new int[steps];
        Array.Fill(best, host);
        double least = Cost(flow, costs, best);
        for (int device = 0; device < host; device++)
        {
            int[] all = [.. Enumerable.Range(0, steps).Select(s => double.IsNaN(costs.Steps[device][s]) ? host : device)];
            Consider(all);
        }
        if (steps > MostSteps) return best;
        IReadOnlyList<int> order = [.. Enumerable.Range(0, steps)];
        for (int i = 0; i < MostOrders; i++)
        {
            int[] found = InOrder(flow, costs, order);
            if (!Consider(found)) break;
            order = [.. StepOrder.Of(flow, found, costs.Backends).SelectMany(g => g.Steps)];
        }
        return best;

        bool Consider(int[] backendOf)
        {
            double cost = Cost(flow, costs, backendOf);
            if (cost >= least) return false;
            (best, least) = (backendOf, cost);
            return true;
        }
    }

    /// <summary>What an assignment costs in the order in which it is executed, in nanoseconds.</summary>
    public static double Cost(PlanFlow flow, PlacementCosts costs, int[] backendOf)
    {
        List<StepGroup> groups = StepOrder.Of(flow, backendOf, costs.Backends);
        return Cost(flow, costs, backendOf, [.. groups.SelectMany(g => g.Steps)]);
    }

    /// <summary>What an assignment costs in a given order.</summary>
    public static double Cost(PlanFlow flow, PlacementCosts costs, int[] backendOf, IReadOnlyList<int> order)
    {
        var window = new Window(flow, costs, order);
        double total = 0;
        for (int first = 0; first < order.Count;)
        {
            int backend = backendOf[order[first]], last = first;
            window.Begin(first, backend);
            double cost = window.Add(last++);
            while (last < order.Count && backendOf[order[last]] == backend) cost = window.Add(last++);
            total += cost;
            first = last;
        }
        return total;
    }

    /// <summary>The cheapest backend for each step in a given order: no other division of that order into sections costs less.</summary>
    public static int[] InOrder(PlanFlow flow, PlacementCosts costs, IReadOnlyList<int> order)
    {
        int steps = order.Count;
        double[] best = new double[steps + 1];
        (int From, int Backend)[] choice = new (int, int)[steps + 1];
        Array.Fill(best, double.PositiveInfinity);
        best[0] = 0;
        var window = new Window(flow, costs, order);
        for (int first = 0; first < steps; first++)
        {
            // The host comes first, so that what costs the same stays there.
            for (int backend = costs.Backends - 1; backend >= 0; backend--)
            {
                window.Begin(first, backend);
                for (int last = first; last < steps; last++)
                {
                    double cost = window.Add(last);
                    if (double.IsNaN(cost)) break;
                    if (best[first] + cost >= best[last + 1]) continue;
                    best[last + 1] = best[first] + cost;
                    choice[last + 1] = (first, backend);
                }
            }
        }
        int[] backendOf = new int[flow.Plan.Steps.Count];
        for (int end = steps; end > 0; end = choice[end].From)
            for (int i = choice[end].From; i < end; i++) backendOf[order[i]] = choice[end].Backend;
        return backendOf;
    }

    /// <summary>What a section costs that grows step by step.</summary>
    private sealed class Window
    {
        private readonly PlanFlow flow;
        private readonly PlacementCosts costs;
        private readonly IReadOnlyList<int> order;
        private readonly int[] positions, lastReaders, seen;
        private int first, backend, stamp;
        private double steps, bytesIn, bytesOut;

        public Window(PlanFlow flow, PlacementCosts costs, IReadOnlyList<int> order)
        {
            (this.flow, this.costs, this.order) = (flow, costs, order);
            positions = new int[order.Count];
            for (int i = 0; i < order.Count; i++) positions[order[i]] = i;
            lastReaders = new int[flow.Bytes.Length];
            seen = new int[flow.Bytes.Length];
            Array.Fill(lastReaders, -1);
            for (int i = 0; i < order.Count; i++)
                foreach (int storage in flow.Reads[order[i]]) lastReaders[storage] = i;
            for (int s = 0; s < lastReaders.Length; s++)
                if (flow.IsReturned[s]) lastReaders[s] = int.MaxValue;
        }

        public void Begin(int from, int by)
        {
            (first, backend, steps, bytesIn, bytesOut) = (from, by, 0, 0, 0);
            stamp++;
        }

        /// <summary>The cost with one step more; not a number when the backend does not take it.</summary>
        public double Add(int position)
        {
            int step = order[position];
            steps += costs.Steps[backend][step];
            foreach (int storage in flow.Reads[step])
            {
                int producer = flow.Producers[storage];
                if (producer >= 0 && positions[producer] >= first)
                {
                    if (lastReaders[storage] == position) bytesOut -= flow.Bytes[storage];
                }
                else if (seen[storage] != stamp)
                {
                    seen[storage] = stamp;
                    bytesIn += flow.Bytes[storage];
                }
            }
            foreach (int storage in flow.Writes[step])
                if (lastReaders[storage] > position) bytesOut += flow.Bytes[storage];
            return steps + costs.Transfers[backend].Of(bytesIn, bytesOut);
        }
    }
}
