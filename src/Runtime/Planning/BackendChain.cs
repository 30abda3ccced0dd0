using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>
/// The backends of a session in the order of preference, one that takes every step at the end, and what became of them. Of a backend that fails nothing is asked until its device could be opened again.
/// All of it belongs to the thread that runs the session.
/// </summary>
internal sealed class BackendChain : IDisposable
{
    private readonly BackendLink[] links;
    private readonly FailoverOptions options;
    private readonly BackendLog log;
    private IBackend[] usable;
    private bool isAwaiting;

    /// <summary>Told before a backend is given up: no plan may hold anything of it any more.</summary>
    public event Action<IBackend>? Leaving;

    /// <summary>Makes a chain.</summary>
    /// <param name="host">The last one: it takes what all others refuse or leave. It belongs to the chain.</param>
    /// <param name="accelerators">Those before it, the preferred first.</param>
    /// <param name="ownsAccelerators">True when those are to be disposed with the chain.</param>
    /// <param name="passedOver">Why backends that could have been preferred were not.</param>
    /// <param name="options">How to go on when one fails; null for the defaults.</param>
    public BackendChain(
        IHostBackend host, IReadOnlyList<IBackend>? accelerators = null, bool ownsAccelerators = false, IReadOnlyList<string>? passedOver = null, FailoverOptions? options = null)
    {
        this.options = options ?? new FailoverOptions();
        (Host, PassedOver) = (host, passedOver ?? []);
        log = new BackendLog(this.options.Clock);
        links = [.. (accelerators ?? []).Select(a => new BackendLink(a, ownsAccelerators, this.options))];
        usable = [.. accelerators ?? [], host];
    }

    /// <summary>The last one.</summary>
    public IHostBackend Host { get; }

    /// <summary>Those that can be used, the preferred first. The list never changes: there is another one when a backend goes or comes.</summary>
    public IReadOnlyList<IBackend> Usable => usable;

    /// <summary>True while there are other backends than the last, or may be again.</summary>
    public bool HasAccelerators => usable.Length > 1 || isAwaiting;

    /// <summary>Why backends that could have been preferred were not.</summary>
    public IReadOnlyList<string> PassedOver { get; }

    /// <summary>Backends that are out of order, each in a line.</summary>
    public IReadOnlyList<string> OutOfOrder => [.. links.Where(l => l.Backend is null).Select(Describe)];

    /// <summary>Backends that did not run yet, each in a line, for a plan that is being prepared for them.</summary>
    public IReadOnlyList<string> Coming => [.. links.Where(l => l.Backend is not null && (l.IsFresh || l.IsNews)).Select(l => $"{l.Traits.Name} ({l.Traits.Device}): it is being prepared; frames run elsewhere meanwhile")];

    /// <summary>What went wrong lately; what it cost is known when the frame is done.</summary>
    public BackendLog Log => log;

    /// <summary>Grows when a backend comes back: plans are to be divided anew.</summary>
    public int Version { get; private set; }

    /// <summary>True while a backend that is out of order may come back; then <see cref="Tend"/> is to be called between frames.</summary>
    public bool IsAwaiting => isAwaiting;

    /// <summary>After how many frames kernels are tested again; 0 for never.</summary>
    public int SelfTestEvery => options.SelfTestEvery;

    /// <summary>How work is done beside frames.</summary>
    public Action<Action>? Background => options.Background;

    /// <summary>A time stamp, to say what faults cost.</summary>
    public long Now => options.Clock.GetTimestamp();

    /// <summary>True for errors that are a device's or its driver's.</summary>
    public static bool IsDeviceFault(EdgeException error) => error.Code
        is ErrorCode.DeviceTrouble or ErrorCode.DeviceLost or ErrorCode.OutOfDeviceMemory or ErrorCode.DeviceTimeout or ErrorCode.PipelineRefused or ErrorCode.WrongResult;

    /// <summary>True for an error after which others can go on: a device or its driver failed, and it is not the last backend.</summary>
    public bool CanGoOnWithout(IBackend backend, EdgeException error) => backend != Host && IsDeviceFault(error);

    /// <summary>Whether a backend came back and was not used since.</summary>
    public bool IsNews(IBackend backend) => Array.Exists(links, l => l.Backend == backend && l.IsNews);

    /// <summary>Between frames: begins to open what is to be tried again, and takes what is open. Costs a look at the clock.</summary>
    public void Tend()
    {
        bool came = false;
        foreach (BackendLink link in links)
            if (link.IsAwaited) came |= link.Tend();
        isAwaiting = Array.Exists(links, static l => l.IsAwaited);
        if (!came) return;
        Regroup();
        Version++;
    }

    /// <summary>Notes a fault after which the backend goes on, with fewer steps.</summary>
    public void Quarantine(FaultSite site, EdgeException fault) => Note(site, fault, "The steps that need it go elsewhere.");

    /// <summary>Notes a fault and uses the backend no more, or not until its device could be opened again.</summary>
    public void GiveUp(FaultSite site, EdgeException fault)
    {
        BackendLink link = Array.Find(links, l => l.Backend == site.Backend)!;
        Leaving?.Invoke(site.Backend);
        Note(site, fault, site.Since is null ? "Frames went on elsewhere meanwhile, and do so." : "The frame is run again without it.");
        link.GiveUp(fault);
        isAwaiting |= link.IsAwaited;
        Regroup();
    }

    /// <summary>Notes that backends run again that were out of order, or run now for which the first frames did not wait; called when the plan that uses them takes over.</summary>
    /// <param name="section">What runs on it.</param>
    /// <param name="since">When taking over began.</param>
    /// <param name="meanwhile">What was done while it was prepared; null where that was waited for.</param>
    public void Announce(PlanSection section, long since, Meanwhile? meanwhile)
    {
        if (Array.Find(links, l => l.Backend == section.Backend) is not { } link) return;
        (bool isBack, bool isFresh) = (link.IsNews, link.IsFresh);
        link.Announced();
        if (isFresh && meanwhile is { } done)
        {
            log.Note(new BackendEvent(BackendEventKind.Joined, DateTimeOffset.Now, link.Traits.Name, link.Traits.Device, section.Plan.Name, null, string.Create(CultureInfo.InvariantCulture,
                $"Preparing it took {options.Clock.GetElapsedTime(done.Since, since).TotalMilliseconds:0} ms, while {done.Frames} frames ran elsewhere."), "It runs its steps from this frame on.", options.Clock.GetElapsedTime(since)));
        }
        if (!isBack) return;
        log.Note(new BackendEvent(BackendEventKind.Return, DateTimeOffset.Now, link.Traits.Name, link.Traits.Device, section.Plan.Name, link.Fault!.Code,
            $"It is open again, at attempt {link.Attempts.ToString(CultureInfo.InvariantCulture)}.", "It runs its steps again from this frame on.", options.Clock.GetElapsedTime(since)));
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (BackendLink link in links) link.Dispose();
        Host.Dispose();
    }

    private void Regroup() => usable = [.. links.Select(l => l.Backend).OfType<IBackend>(), Host];

    private void Note(FaultSite site, EdgeException fault, string consequence)
    {
        BackendTraits traits = site.Backend.Traits;
        var happened = new BackendEvent(BackendEventKind.Fault, DateTimeOffset.Now, traits.Name, traits.Device, site.Section, fault.Code, fault.Problem, consequence, TimeSpan.Zero);
        if (site.Since is { } since) log.Open(happened, since);
        else log.Note(happened);
    }

    private static string Describe(BackendLink link) => string.Create(CultureInfo.InvariantCulture,
        $"{link.Traits.Name} ({link.Traits.Device}): {link.Fault!.Problem.TrimEnd('.')}; {(link.IsAwaited ? $"it is tried again {link.Wait.TotalSeconds:0.#} s after that, and was {link.Attempts} times" : "it is not tried again")}");
}

/// <summary>What was done while a backend was prepared.</summary>
/// <param name="Since">When that began.</param>
/// <param name="Frames">How many frames ran elsewhere.</param>
internal readonly record struct Meanwhile(long Since, long Frames);

/// <summary>Where a fault happened.</summary>
/// <param name="Backend">The backend that failed.</param>
/// <param name="Section">The part of the model.</param>
/// <param name="Since">The time stamp at which the attempt began that failed; null beside frames, where it costs them nothing.</param>
internal readonly record struct FaultSite(IBackend Backend, string Section, long? Since);
