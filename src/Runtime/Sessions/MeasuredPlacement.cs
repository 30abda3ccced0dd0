using EdgeRuntime.Planning;

namespace EdgeRuntime.Sessions;

/// <summary>What was measured of a plan to decide what of it runs where.</summary>
/// <param name="Plan">Name of the plan.</param>
/// <param name="Source">Whether it was measured now or before.</param>
/// <param name="Time">When it was measured.</param>
/// <param name="SpentMs">How long measuring took, in milliseconds.</param>
/// <param name="Ways">The ways to place the whole model that were compared.</param>
/// <param name="Transfers">What it costs to go to devices.</param>
/// <param name="PassedOver">Backends that were not measured in full.</param>
public sealed record MeasuredPlacement(
    string Plan, PlacementSource Source, DateTimeOffset Time, double SpentMs, IReadOnlyList<PlacedWay> Ways, IReadOnlyList<PlacedTransfer> Transfers, IReadOnlyList<PassedOverBackend> PassedOver)
{
    internal static MeasuredPlacement Of(string plan, PlacementFindings found) => new(
        plan, found.Source, found.Time, found.Spent.TotalMilliseconds,
        [.. found.Contenders.Select((c, i) => new PlacedWay(c.Name, c.Nanoseconds / 1e6, c.Median / 1e6, c.Runs, i == found.Chosen))],
        [.. found.Backends.Zip(found.Costs.Transfers).Where(t => t.Second != default).Select(t => new PlacedTransfer(t.First.Name, t.First.Device, t.Second.Overhead / 1e6, Rate(t.Second.InPerByte), Rate(t.Second.OutPerByte)))],
        [.. found.PassedOver.Select(p => new PassedOverBackend(p.Backend, p.Reason))]);

    /// <summary>Gigabytes a second; null where copying took no time that could be measured.</summary>
    private static double? Rate(double nanosecondsPerByte) => nanosecondsPerByte > 0 ? 1 / nanosecondsPerByte : null;
}

/// <summary>A way to place a whole model.</summary>
/// <param name="Name">The backend that runs all that it takes, or mixed for several.</param>
/// <param name="LeastMs">The least time of a run.</param>
/// <param name="MedianMs">The median.</param>
/// <param name="Runs">Runs that took turns with those of the other ways; 0 for an estimate from the times of steps.</param>
/// <param name="IsChosen">True for the one that is used.</param>
public sealed record PlacedWay(string Name, double LeastMs, double MedianMs, int Runs, bool IsChosen);

/// <summary>What it costs to have a device run something, besides the steps.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Device">Its device.</param>
/// <param name="OverheadMs">For each section: handing it over and waiting.</param>
/// <param name="InGbps">Gigabytes a second to the device; null for more than could be measured.</param>
/// <param name="OutGbps">Gigabytes a second from it.</param>
public sealed record PlacedTransfer(string Backend, string Device, double OverheadMs, double? InGbps, double? OutGbps);

/// <summary>A backend that was not measured in full.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Reason">Why not.</param>
public sealed record PassedOverBackend(string Backend, string Reason);

/// <summary>How long a section takes where it is, and elsewhere.</summary>
/// <param name="HereMs">Milliseconds of its steps where it is.</param>
/// <param name="TransferMs">Milliseconds of handing it over and copying.</param>
/// <param name="Elsewhere">Other backends, as far as they were measured.</param>
public sealed record PlacedTimes(double HereMs, double TransferMs, IReadOnlyList<PlacedElsewhere> Elsewhere)
{
    internal static PlacedTimes Of(PlanSection section, PlacementFindings found, bool isWhole)
    {
        int here = IndexOf(section.Backend.Traits, found.Backends), host = found.Backends.Count - 1;
        // The host alone may run other steps, which were put together for it, than those that several backends run.
        bool isAlone = isWhole && here == host && found.Best.Assignment is null;
        IEnumerable<int> steps = isAlone ? Enumerable.Range(0, found.Costs.Steps[host].Length) : section.Steps;
        var elsewhere = new List<PlacedElsewhere>();
        for (int b = 0; b < found.Backends.Count; b++)
        {
            if (b == here) continue;
            double[] taken = [.. steps.Select(s => found.Costs.Steps[b][s]).Where(t => !double.IsNaN(t))];
            if (taken.Length == 0) continue;
            elsewhere.Add(new PlacedElsewhere(found.Backends[b].Name, taken.Length, taken.Sum() / 1e6, found.Costs.Transfers[b].Of(section.BytesIn, section.BytesOut) / 1e6));
        }
        double own = isAlone || here < 0 ? found.Contenders[0].Nanoseconds : steps.Sum(s => found.Costs.Steps[here][s]);
        return new PlacedTimes(own / 1e6, here < 0 ? 0 : found.Costs.Transfers[here].Of(section.BytesIn, section.BytesOut) / 1e6, elsewhere);
    }

    private static int IndexOf(BackendTraits traits, IReadOnlyList<BackendTraits> backends)
    {
        for (int i = 0; i < backends.Count; i++)
            if (backends[i].Name == traits.Name && backends[i].Device == traits.Device) return i;
        return -1;
    }
}

/// <summary>How long a section would take on another backend.</summary>
/// <param name="Backend">The backend.</param>
/// <param name="Steps">Steps of the section that it takes and that were measured there.</param>
/// <param name="Ms">Milliseconds of these.</param>
/// <param name="TransferMs">Milliseconds of handing it over and copying.</param>
public sealed record PlacedElsewhere(string Backend, int Steps, double Ms, double TransferMs);
