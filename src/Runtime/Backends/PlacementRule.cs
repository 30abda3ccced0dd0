namespace EdgeRuntime.Backends;

/// <summary>How it is decided which part of a model runs on which backend. 8-bit results are the same bytes wherever they are computed; floats are within the operators' tolerances.</summary>
public enum PlacementRule
{
    /// <summary>As <see cref="Measure"/> where no backend is named, but without drivers that compute on the processor; as <see cref="Order"/> where one is.</summary>
    Auto,

    /// <summary>Each step runs on the preferred backend, unless that does not take it. Nothing is measured.</summary>
    Order,

    /// <summary>
    /// Each part runs where it is the fastest on this machine, copies to and from devices included: measured when a model is prepared for the first time, in about three seconds at most, and kept for later starts.
    /// Drivers that compute on the processor are tried as well.
    /// </summary>
    Measure,
}
