using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>
/// Finds out where a model runs best: how long steps take on each backend, what transfers cost, which division should be best by that; and then lets the whole model run in the best few ways, in
/// turn, and keeps the fastest. What cannot win is found out with little work: a device that takes longer to be asked than the CPU needs for all, or whose heaviest steps are far behind, is measured no further.
/// </summary>
/// <param name="chain">The backends.</param>
/// <param name="profile">Whether the session measures steps.</param>
/// <param name="budget">How long it may take.</param>
/// <param name="transferOf">What transfers to a backend cost; measured where nobody knows.</param>
internal sealed class PlacementMeasurer(BackendChain chain, bool profile, WorkBudget budget, Func<IBackend, TransferCost> transferOf)
{
    private const int WarmUpRuns = 1000, HostRuns = 12, DeviceRuns = 5, Rounds = 25, Heaviest = 8, Seldom = 3, LargeRuns = 10;

    /// <summary>The warm-up of the host ends after so much of the budget: code is compiled well only after it ran for some time.</summary>
    private const double WarmUpShare = 0.15, HostShare = 0.25, DeviceShare = 0.6;

    /// <summary>A device that takes so many times as long for each of the heaviest steps, and can make up for it with no others, is measured no further.</summary>
    private const double Hopeless = 2;

    /// <summary>What tuning kernels may gain: a device that is behind by more is not tuned for the model.</summary>
    private const double Tunable = 0.5;

    /// <summary>Ways that are estimated to take so many times the best are not tried; and after some rounds, those that took so many times the best.</summary>
    private const double NotTried = 2.5, Behind = 1.3;

    /// <summary>A way with more changes of place must take less than this part of the time of a simpler one: noise is no reason to move.</summary>
    private const double Gain = 0.97;

    private readonly IReadOnlyList<IBackend> backends = [.. chain.Usable];
    private readonly List<(string Backend, string Reason)> passedOver = [];

    /// <summary>True when a device failed meanwhile: then what was found holds for this session only.</summary>
    public bool IsSpoiled { get; private set; }

    private int Host => backends.Count - 1;

    /// <summary>Measures, and returns the plan that is the fastest, ready to run.</summary>
    /// <param name="alone">The model as the host runs it alone.</param>
    /// <param name="plan">The model as several backends run it.</param>
    public (ICompiledPlan Compiled, PlacementFindings Findings) Measure(ExecutionPlan alone, ExecutionPlan plan)
    {
        var sides = new List<Side> { new(Name(Host), chain.Host.Compile(alone), null) };
        try
        {
            WarmUp(sides[0]);
            var flow = new PlanFlow(plan);
            PlacementCosts costs = Unknown(plan);
            StepProfile host = StepProfile.Of(chain.Host, plan, budget, HostShare, least: 2, HostRuns);
            costs.Steps[Host] = host.Steps;
            int[] devices = [.. Enumerable.Range(0, Host).Where(d => IsWorthMeasuring(d, flow, costs, sides[0].Least))];
            foreach (int device in devices) TryOn(device, flow, costs, sides);
            if (sides.Count > 1 && Mixed(flow, costs, sides) is { } mixed) sides.Add(mixed);
            TakeTurns(sides);
            IsSpoiled |= backends.Count != chain.Usable.Count;
            int chosen = Choose(sides);
            var findings = new PlacementFindings(budget.Now, Traits(), costs, [.. sides.Select(s => s.Contender), .. Estimates(flow, costs, sides)], chosen, passedOver) { Spent = budget.Spent };
            MadeUpInputs.Clear(sides[chosen].Plan);
            for (int i = 0; i < sides.Count; i++)
                if (i != chosen) sides[i].Plan.Dispose();
            return (sides[chosen].Plan, findings);
        }
        catch
        {
            foreach (Side side in sides) side.Plan.Dispose();
            throw;
        }
    }

    private PlacementCosts Unknown(ExecutionPlan plan)
    {
        double[][] steps = [.. backends.Select(_ => new double[plan.Steps.Count])];
        foreach (double[] own in steps) Array.Fill(own, double.NaN);
        return new PlacementCosts(steps, new TransferCost[backends.Count]);
    }

    private void WarmUp(Side host)
    {
        MadeUpInputs.Fill(host.Plan);
        // Code is compiled at its first use, whoever uses it.
        host.Add(budget.TimeUncounted(host.Plan.Run));
        for (int run = 0; run < 2 || run < WarmUpRuns && budget.HasTimeFor(host.Least, WarmUpShare); run++) host.Add(budget.Time(host.Plan.Run));
    }

    /// <summary>Asks the device little, and says whether it may win anything.</summary>
    private bool IsWorthMeasuring(int device, PlanFlow flow, PlacementCosts costs, double hostTotal)
    {
        IBackend backend = backends[device];
        try
        {
            int[] taken = [.. Enumerable.Range(0, flow.Plan.Steps.Count).Where(s => backend.Reject(flow.Plan, flow.Plan.Steps[s]) is null)];
            if (taken.Length == 0) return Pass(device, "takes no step of the model");
            if (!budget.HasTime(DeviceShare)) return NoTime(device, hostTotal);
            TransferCost transfer = costs.Transfers[device] = transferOf(backend);
            if (transfer.Overhead >= hostTotal)
                return Pass(device, $"asking it and waiting takes {Time(transfer.Overhead)}, and {Name(Host)} runs all of the model in {Time(hostTotal)}");
            (double here, double there, double least, double all) = (0, 0, double.PositiveInfinity, costs.Steps[Host].Sum());
            foreach (int step in taken.OrderByDescending(s => costs.Steps[Host][s]).Take(Heaviest))
            {
                if (!budget.HasTime(DeviceShare)) return NoTime(device, hostTotal);
                double own = StepProfile.Of(backend, SingleStep.Of(flow.Plan, flow.Plan.Steps[step]), budget, DeviceShare, least: 1, Seldom).Steps[0];
                (here, there, least) = (here + costs.Steps[Host][step], there + own, Math.Min(least, own / Math.Max(costs.Steps[Host][step], 1)));
                // What is lost with these is more than could be gained with the others, if they took no time at all.
                if (least >= Hopeless && there - here >= all - here)
                    return Pass(device, string.Create(CultureInfo.InvariantCulture, $"the heaviest of its steps take {Time(there)} there and {Time(here)} on {Name(Host)}, where all of the model takes {Time(hostTotal)}"));
            }
            return budget.HasTimeFor(there / Math.Max(here, 1) * hostTotal, DeviceShare) || NoTime(device, hostTotal);
        }
        catch (EdgeException fault) when (chain.CanGoOnWithout(backend, fault))
        {
            IsSpoiled = true;
            return Pass(device, $"failed when it was measured: {fault.Problem}");
        }
    }

    /// <summary>Measures all steps that a device takes; where that says that it may win something, prepares the model for it, which tunes its kernels.</summary>
    private void TryOn(int device, PlanFlow flow, PlacementCosts costs, List<Side> sides)
    {
        IBackend backend = backends[device];
        try
        {
            // Whatever it takes, also what nobody would move there without having measured it.
            int[] backendOf = [.. flow.Plan.Steps.Select(s => backend.Reject(flow.Plan, s) is null ? device : Host)];
            PlanPartition all = Partitioner.Divide(flow.Plan, [backend, chain.Host], new PlanAssignment(Traits(), backendOf));
            Profile(device, all, costs);
            PlacementCosts hopeful = costs.Scaled(device, Tunable);
            if (!PlacementSolver.Solve(flow, hopeful).Contains(device))
            {
                passedOver.Add((Name(device), "no part of the model is faster there, moving the data included"));
                return;
            }
            // All of it may be far behind when a part of it is not; that part is tried with the others.
            if (PlacementSolver.Cost(flow, hopeful, backendOf) > NotTried * sides[0].Least) return;
            sides.Add(Prepare(Name(device), flow.Plan, backendOf));
            if (budget.HasTime(DeviceShare)) Profile(device, all, costs);
        }
        catch (EdgeException fault) when (chain.CanGoOnWithout(backend, fault))
        {
            IsSpoiled = true;
            Array.Fill(costs.Steps[device], double.NaN);
            passedOver.Add((Name(device), $"failed when it was measured: {fault.Problem}"));
        }
    }

    private void Profile(int device, PlanPartition all, PlacementCosts costs)
    {
        foreach (PlanSection section in all.Sections.Where(s => s.Backend == backends[device]))
        {
            StepProfile found = StepProfile.Of(section.Backend, section.Plan, budget, DeviceShare, least: 1, DeviceRuns);
            for (int i = 0; i < section.Steps.Count; i++) costs.Steps[device][section.Steps[i]] = found.Steps[i];
        }
    }

    /// <summary>The division that should be the best, where it is none of those that are there.</summary>
    private Side? Mixed(PlanFlow flow, PlacementCosts costs, List<Side> sides)
    {
        int[] backendOf = PlacementSolver.Solve(flow, costs);
        if (Array.TrueForAll(backendOf, b => b == Host) || sides.Exists(s => s.Assignment is { } own && own.BackendOf.AsSpan().SequenceEqual(backendOf))) return null;
        return budget.HasTime() ? Prepare("mixed", flow.Plan, backendOf) : null;
    }

    private Side Prepare(string name, ExecutionPlan plan, int[] backendOf)
    {
        var assignment = new PlanAssignment(Traits(), backendOf);
        var side = new Side(name, budget.Make(() => new SectionedPlan(plan, chain, profile, assignment)), assignment);
        MadeUpInputs.Fill(side.Plan);
        // The first prepares what runs find prepared.
        budget.Time(side.Plan.Run);
        return side;
    }

    private void TakeTurns(List<Side> sides)
    {
        if (sides.Count == 1) return;
        // What was measured before code was compiled well, and not in turn, does not count.
        foreach (Side side in sides) side.Forget();
        var running = new List<Side>(sides);
        for (int round = 0; round < Rounds && running.Count > 1 && (round == 0 || budget.HasTimeFor(running.Sum(s => s.Least))); round++)
        {
            foreach (Side side in running) side.Add(budget.Time(side.Plan.Run));
            if (round < Seldom) continue;
            double limit = running.Min(s => s.Least) * Behind;
            running.RemoveAll(s => s.Least > limit);
        }
    }

    /// <summary>The fastest; of those that are about as fast, the one that was named first, which is the simplest.</summary>
    private static int Choose(List<Side> sides)
    {
        int chosen = 0;
        for (int i = 1; i < sides.Count; i++)
            if (sides[i].Least < sides[chosen].Least * Gain) chosen = i;
        return chosen;
    }

    /// <summary>What devices that did not take turns would take, as far as that is known.</summary>
    private IEnumerable<PlacementContender> Estimates(PlanFlow flow, PlacementCosts costs, List<Side> sides)
    {
        for (int device = 0; device < Host; device++)
        {
            if (sides.Exists(s => s.Name == Name(device)) || costs.Steps[device].All(double.IsNaN)) continue;
            int[] backendOf = [.. costs.Steps[device].Select(s => double.IsNaN(s) ? Host : device)];
            double estimate = PlacementSolver.Cost(flow, costs, backendOf);
            yield return new PlacementContender(Name(device), estimate, estimate, 0, new PlanAssignment(Traits(), backendOf));
        }
    }

    /// <summary>On a machine that is busy with something else another start may have time; a model that is as large as that never has.</summary>
    private bool NoTime(int device, double hostTotal)
    {
        IsSpoiled |= hostTotal * LargeRuns < budget.Limit.TotalNanoseconds;
        return Pass(device, "there was no time to measure it");
    }

    private bool Pass(int device, string reason)
    {
        passedOver.Add((Name(device), reason));
        return false;
    }

    private BackendTraits[] Traits() => [.. backends.Select(b => b.Traits)];

    /// <summary>The backend's name; with its device, where another has the same.</summary>
    private string Name(int backend)
    {
        BackendTraits traits = backends[backend].Traits;
        return backends.Count(b => b.Traits.Name == traits.Name) > 1 ? $"{traits.Name} ({traits.Device})" : traits.Name;
    }

    private static string Time(double nanoseconds) => string.Create(CultureInfo.InvariantCulture, $"{nanoseconds / 1e6:0.00#} ms");

    /// <summary>A way that takes turns with others.</summary>
    private sealed class Side(string name, ICompiledPlan plan, PlanAssignment? assignment)
    {
        private readonly List<double> runs = [];

        public string Name => name;

        public ICompiledPlan Plan => plan;

        public PlanAssignment? Assignment => assignment;

        public double Least { get; private set; } = double.PositiveInfinity;

        public PlacementContender Contender => new(name, Least, runs.Order().ElementAt(runs.Count / 2), runs.Count, assignment);

        public void Add(double nanoseconds)
        {
            runs.Add(nanoseconds);
            Least = Math.Min(Least, nanoseconds);
        }

        public void Forget()
        {
            runs.Clear();
            Least = double.PositiveInfinity;
        }
    }
}
