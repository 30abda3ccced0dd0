using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>
/// The backends of a session in the order of preference, one that takes every step at the end, and what became of them. Of a backend that fails
/// nothing is asked any more.
/// </summary>
internal sealed class BackendChain : IDisposable
{
    private readonly List<IBackend> usable;
    private readonly List<IBackend> owned;
    private readonly List<BackendEvent> events = [];

    /// <summary>Told before a backend is given up: no plan may hold anything of it any more.</summary>
    public event Action? Leaving;

    /// <summary>Makes a chain.</summary>
    /// <param name="host">The last one: it takes what all others refuse or leave. It belongs to the chain.</param>
    /// <param name="accelerators">Those before it, the preferred first.</param>
    /// <param name="ownsAccelerators">True when those are to be disposed with the chain.</param>
    /// <param name="passedOver">Why backends that could have been preferred were not.</param>
    public BackendChain(IHostBackend host, IReadOnlyList<IBackend>? accelerators = null, bool ownsAccelerators = false, IReadOnlyList<string>? passedOver = null)
    {
        Host = host;
        usable = [.. accelerators ?? [], host];
        owned = ownsAccelerators ? [.. usable] : [host];
        PassedOver = passedOver ?? [];
    }

    /// <summary>The last one.</summary>
    public IHostBackend Host { get; }

    /// <summary>Those that can be used, the preferred first.</summary>
    public IReadOnlyList<IBackend> Usable => usable;

    /// <summary>Why backends that could have been preferred were not.</summary>
    public IReadOnlyList<string> PassedOver { get; }

    /// <summary>What went wrong so far.</summary>
    public IReadOnlyList<BackendEvent> Events => events;

    /// <summary>True for an error after which others can go on: a device or its driver failed, and it is not the last backend.</summary>
    public bool CanGoOnWithout(IBackend backend, EdgeException error) => backend != Host
        && error.Code is ErrorCode.DeviceTrouble or ErrorCode.DeviceLost or ErrorCode.OutOfDeviceMemory or ErrorCode.DeviceTimeout or ErrorCode.PipelineRefused or ErrorCode.WrongResult;

    /// <summary>Notes a fault after which the backend goes on, with fewer steps.</summary>
    public void Quarantine(IBackend backend, string section, EdgeException fault) =>
        Note(backend, section, fault, "The steps that need it go elsewhere.");

    /// <summary>Notes a fault and uses the backend no more.</summary>
    public void GiveUp(IBackend backend, string section, EdgeException fault)
    {
        usable.Remove(backend);
        Leaving?.Invoke();
        Note(backend, section, fault, $"Its steps go to {usable[0].Traits.Name} from this frame on.");
        // What a failed device holds is of use to nobody; the caller's own backend is the caller's to close.
        if (owned.Remove(backend)) backend.Dispose();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IBackend backend in owned) backend.Dispose();
        owned.Clear();
    }

    private void Note(IBackend backend, string section, EdgeException fault, string consequence) =>
        events.Add(new BackendEvent(DateTimeOffset.Now, backend.Traits.Name, backend.Traits.Device, section, fault.Code, fault.Problem, consequence));
}
