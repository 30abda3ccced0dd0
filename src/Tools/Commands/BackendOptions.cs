using System.CommandLine;
using EdgeRuntime.Backends;
using EdgeRuntime.Backends.Cpu;
using EdgeRuntime.Backends.Gpu;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Commands;

/// <summary>The options that say where a model runs, the same for all verbs that run one: --backend, --device, --precision, --threads, --tune.</summary>
internal sealed class BackendOptions
{
    private const int MostThreads = 1024;

    private static readonly Dictionary<string, BackendKind> Kinds = new()
    {
        ["auto"] = BackendKind.Auto,
        ["vulkan"] = BackendKind.Vulkan,
        ["opencl"] = BackendKind.OpenCl,
        ["cpu"] = BackendKind.Cpu,
    };

    private static readonly Dictionary<string, GpuPrecision> Precisions = new()
    {
        ["fp32"] = GpuPrecision.Float32,
        ["fp16-storage"] = GpuPrecision.Float16Storage,
        ["fp16"] = GpuPrecision.Float16,
    };

    private static readonly Dictionary<string, KernelTuning> Tunings = new()
    {
        ["auto"] = KernelTuning.Auto,
        ["none"] = KernelTuning.None,
        ["fast"] = KernelTuning.Fast,
        ["full"] = KernelTuning.Full,
    };

    private static readonly Dictionary<string, PlacementRule> Placements = new()
    {
        ["auto"] = PlacementRule.Auto,
        ["order"] = PlacementRule.Order,
        ["measure"] = PlacementRule.Measure,
    };

    /// <summary>How --start says whether the first frames wait for devices; auto, where only the verb knows, is no value.</summary>
    private static readonly Dictionary<string, StartPolicy?> Starts = new()
    {
        ["auto"] = null,
        ["now"] = StartPolicy.AtOnce,
        ["ready"] = StartPolicy.WhenReady,
    };

    private readonly Option<string> start = new("--start")
    {
        Description = "now: the first frames run on the CPU while a device is prepared, and later ones there; ready: they wait for it. auto: now for cameras, streams and --realtime, unless kernels are measured (--tune).",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> placement = new("--placement")
    {
        Description = "How it is decided what runs where: order gives each layer to the backend if that takes it; measure to where it is the fastest on this machine, copies included, drivers in software tried too, and keeps the answer. auto: measure where no backend is named.",
        Arity = ArgumentArity.ZeroOrOne,
    };

    private readonly Option<string> backend = new("--backend", "-b")
    {
        Description = "Where the model runs; what vulkan and opencl do not take runs on the CPU. auto: on a GPU, by vulkan or opencl, what is faster there, else on the CPU.",
        DefaultValueFactory = _ => "auto",
    };

    private readonly Option<string?> device = new("--device") { Description = "The device of the backend: its number in `edgert devices`, from 0, or a part of its name. Default: the best." };

    private readonly Option<string> precision = new("--precision")
    {
        Description = "The floats that a device computes with; the CPU takes those of the model.",
        DefaultValueFactory = _ => "fp32",
    };

    private readonly Option<int>? threads;

    private readonly Option<string> tune = new("--tune")
    {
        Description = "How kernels are chosen where there are several for a layer: none by rules; fast by measuring when a model is loaded first, half a second at most on the CPU, 20 on a device; full with time for every layer. auto: fast on a device, none on the CPU.",
        DefaultValueFactory = _ => "auto",
    };

    /// <summary>Declares the options for a verb.</summary>
    public BackendOptions(Command command)
        : this(command, new Option<int>("--threads") { Description = "Threads of the CPU backend; 0, the default, for one a core." }) { }

    /// <summary>Declares the options for a verb that reads the number of threads itself, and takes other names of backends too.</summary>
    /// <param name="command">The verb.</param>
    /// <param name="threads">How the verb is told the number of threads; where that is not just a number, the options leave it at 0.</param>
    /// <param name="more">Further names of backends, which mean the same as auto here.</param>
    public BackendOptions(Command command, Option threads, params string[] more)
    {
        this.threads = threads as Option<int>;
        backend.AcceptOnlyFromAmong([.. Kinds.Keys, .. more]);
        precision.AcceptOnlyFromAmong([.. Precisions.Keys]);
        command.Add(backend);
        command.Add(device);
        command.Add(precision);
        if (this.threads is not null) command.Add(threads);
        tune.AcceptOnlyFromAmong([.. Tunings.Keys]);
        command.Add(tune);
        placement.AcceptOnlyFromAmong([.. Placements.Keys]);
        command.Add(placement);
    }

    /// <summary>Declares --start too, for a verb whose frames may come before a device is ready.</summary>
    public BackendOptions WithStart(Command command)
    {
        start.AcceptOnlyFromAmong([.. Starts.Keys]);
        command.Add(start);
        return this;
    }

    /// <summary>What the first frames wait for.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="isLive">Whether frames come that do not wait.</param>
    public StartPolicy StartOf(ParseResult parsed, bool isLive) =>
        Starts[parsed.GetValue(start)!] ?? (isLive && Tunings[parsed.GetValue(tune)!] is KernelTuning.Auto or KernelTuning.None ? StartPolicy.AtOnce : StartPolicy.WhenReady);

    /// <summary>How a precision is called on the command line.</summary>
    public static string NameOf(GpuPrecision precision) => Precisions.First(p => p.Value == precision).Key;

    /// <summary>Name of the backend that was asked for.</summary>
    public string NameIn(ParseResult parsed) => parsed.GetValue(backend)!;

    /// <summary>Whether the placement was asked about, with a value or without.</summary>
    public bool AsksForPlacement(ParseResult parsed) => parsed.GetResult(placement) is { Implicit: false };

    /// <summary>Whether it was said where the model shall run.</summary>
    public bool IsGiven(ParseResult parsed) => new Option?[] { backend, device, precision, threads, placement }.Any(o => o is not null && parsed.GetResult(o) is { Implicit: false });

    /// <summary>Checks a number of threads.</summary>
    /// <exception cref="EdgeException">It is out of bounds.</exception>
    public static void CheckThreads(int count)
    {
        if (count is < 0 or > MostThreads) throw new EdgeException(ErrorCode.BadUsage, $"--threads {count} is out of bounds: it must be within 0 and {MostThreads}.");
    }

    /// <summary>What was asked for, checked.</summary>
    /// <exception cref="EdgeException">A value is out of bounds.</exception>
    public SessionOptions Parse(ParseResult parsed)
    {
        int workers = threads is null ? 0 : parsed.GetValue(threads);
        CheckThreads(workers);
        return new SessionOptions
        {
            Backend = Kinds.GetValueOrDefault(NameIn(parsed)), Device = parsed.GetValue(device), Precision = Precisions[parsed.GetValue(precision)!], Threads = workers,
            Tuning = Tunings[parsed.GetValue(tune)!], Placement = Placements.GetValueOrDefault(parsed.GetValue(placement) ?? ""),
        };
    }
}

/// <summary>A backend opened once for all sessions of a verb.</summary>
internal sealed class OpenBackend : IDisposable
{
    private readonly IReadOnlyList<IBackend> accelerators;

    /// <summary>Opens what is asked for.</summary>
    /// <exception cref="EdgeException">It is not to be had.</exception>
    public OpenBackend(SessionOptions options)
    {
        (accelerators, _) = BackendSelector.Open(options.Request);
        Options = options with { Accelerators = accelerators, Placement = BackendSelector.IsMeasured(options.Request) ? PlacementRule.Measure : PlacementRule.Order };
    }

    /// <summary>Options for its sessions.</summary>
    public SessionOptions Options { get; }

    /// <summary>The preferred backend, such as vulkan.</summary>
    public string Name => accelerators is [var first, ..] ? first.Traits.Name : "cpu";

    /// <summary>Its device.</summary>
    public string Device
    {
        get
        {
            using var cpu = new CpuBackend();
            return (accelerators is [var first, ..] ? first : cpu).Traits.Device;
        }
    }

    /// <summary>The floats that it computes with, as --precision says.</summary>
    public string Precision => BackendOptions.NameOf(accelerators.Count == 0 ? GpuPrecision.Float32 : Options.Precision);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (IBackend accelerator in accelerators) accelerator.Dispose();
    }
}
