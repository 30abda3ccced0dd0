using System.CommandLine;
using System.Globalization;
using EdgeRuntime.Backends;
using EdgeRuntime.Diagnostics;
using EdgeRuntime.Sessions;

namespace EdgeRuntime.Tools.Commands;

/// <summary>Where <c>bench</c> measures: as <see cref="BackendOptions"/>, but several numbers of threads, and with --backend all every backend there is.</summary>
internal sealed class BenchBackends
{
    private const string All = "all";

    private readonly BackendOptions one;

    private readonly Option<string> threads = new("--threads")
    {
        Description = "Threads of the CPU backend and of a peer; several numbers, as 1,2, are measured one after the other; 0, the default, for one a core.",
        DefaultValueFactory = _ => "0",
    };

    /// <summary>Declares the options for a verb.</summary>
    public BenchBackends(Command command)
    {
        one = new BackendOptions(command, threads, All);
        command.Add(threads);
    }

    /// <summary>Whether every backend is asked for.</summary>
    public bool IsAll(ParseResult parsed) => one.NameIn(parsed) == All;

    /// <summary>Options for comparing places in one run: all but where it runs.</summary>
    /// <exception cref="EdgeException">A value is out of bounds.</exception>
    public SessionOptions Comparing(ParseResult parsed) => one.Parse(parsed) with { Threads = Threads(parsed)[^1] };

    /// <summary>The numbers of threads, each at least 1.</summary>
    /// <exception cref="EdgeException">One is out of bounds.</exception>
    public IReadOnlyList<int> Threads(ParseResult parsed)
    {
        var counts = new List<int>();
        foreach (string part in parsed.GetValue(threads)!.Split(','))
        {
            if (!int.TryParse(part, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int count))
                throw new EdgeException(ErrorCode.BadUsage, $"'{parsed.GetValue(threads)}' is not a value of --threads: it takes a number, or several as 1,2.");
            BackendOptions.CheckThreads(count);
            int used = count == 0 ? Environment.ProcessorCount : count;
            if (!counts.Contains(used)) counts.Add(used);
        }
        return counts;
    }

    /// <summary>The numbers of threads of the suite: one and two where none is asked for.</summary>
    /// <exception cref="EdgeException">One is out of bounds.</exception>
    public IReadOnlyList<int> SuiteThreads(ParseResult parsed) => parsed.GetResult(threads) is { Implicit: false } ? Threads(parsed) : [1, 2];

    /// <summary>Each place to measure in, with its name for messages. Only the CPU is measured with each number of threads: to a device they matter little.</summary>
    /// <exception cref="EdgeException">A value is out of bounds.</exception>
    public IReadOnlyList<(string Name, SessionOptions Options)> Parse(ParseResult parsed)
    {
        IReadOnlyList<int> counts = Threads(parsed);
        SessionOptions options = one.Parse(parsed);
        if (!IsAll(parsed)) return [.. counts.Select(count => (one.NameIn(parsed), options with { Threads = count }))];
        return
        [
            .. counts.Select(count => ("cpu", options with { Backend = BackendKind.Cpu, Device = null, Threads = count })),
            ("vulkan", options with { Backend = BackendKind.Vulkan, Threads = counts[^1] }),
            ("opencl", options with { Backend = BackendKind.OpenCl, Threads = counts[^1] }),
        ];
    }
}
