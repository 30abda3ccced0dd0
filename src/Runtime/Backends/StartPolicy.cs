namespace EdgeRuntime.Backends;

/// <summary>What a session's first frames wait for.</summary>
public enum StartPolicy
{
    /// <summary>Until the devices are ready: compiling for one, and measuring and testing its kernels, can take seconds at the first start.</summary>
    WhenReady,

    /// <summary>
    /// For nothing: they run on the CPU while the devices are prepared on a thread beside them, which takes some of the CPU's time; then the next frame goes over, with the state that the model carries.
    /// <c>Events</c> tells when. Where it is measured what runs best where, that is waited for the first time; later starts know.
    /// </summary>
    AtOnce,
}
