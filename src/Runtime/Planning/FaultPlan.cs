using System.Globalization;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>What goes wrong with a device in a rehearsal.</summary>
internal enum FaultKind
{
    /// <summary>The device is gone, until it is opened anew.</summary>
    Lost,

    /// <summary>There is not enough memory, this once.</summary>
    Memory,

    /// <summary>It does not finish in time, this once.</summary>
    Timeout,

    /// <summary>It computes wrong from then on, and says nothing; a test of its kernels finds it out.</summary>
    Wrong,

    /// <summary>Its driver refuses a kernel, from then on.</summary>
    Refused,
}

/// <summary>What a device is at when something goes wrong.</summary>
internal enum FaultPoint
{
    /// <summary>Opening the device again.</summary>
    Open,

    /// <summary>Compiling a section.</summary>
    Compile,

    /// <summary>Running a section.</summary>
    Run,

    /// <summary>Testing the kernels of a section again.</summary>
    Retest,
}

/// <summary>Which faults happen when: a rehearsal of what devices do, for <see cref="FaultyBackend"/>. Times are counted from one for each point, over all devices that share the plan. Safe for several threads.</summary>
internal sealed class FaultPlan
{
    /// <summary>The environment variable that lets the devices of every session fail, such as <c>lost@run:100,memory@compile:3</c>, so that programs can rehearse it.</summary>
    public const string Variable = "EDGERUNTIME_FAULTS";

    private readonly Lock access = new();
    private readonly Dictionary<(FaultPoint Point, long Time), FaultKind> planned = [];
    private readonly long[] times = new long[Enum.GetValues<FaultPoint>().Length];

    /// <summary>Faults that happened.</summary>
    public int Happened { get; private set; }

    /// <summary>Reads a plan: kind@point:time, several with commas between them.</summary>
    /// <exception cref="EdgeException">It makes no sense.</exception>
    public static FaultPlan Parse(string text)
    {
        var plan = new FaultPlan();
        foreach (string part in text.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            string[] words = part.Split('@', ':');
            if (words.Length != 3 || !Enum.TryParse(words[0], true, out FaultKind kind) || !Enum.TryParse(words[1], true, out FaultPoint point)
                || !long.TryParse(words[2], NumberStyles.None, CultureInfo.InvariantCulture, out long time) || time == 0 || int.TryParse(words[0], out _) || int.TryParse(words[1], out _))
                throw new EdgeException(ErrorCode.BadUsage, $"{Variable} has '{part}', which is no fault.", "Write kind@point:time, such as lost@run:100; kinds are lost, memory, timeout, wrong and refused, points open, compile, run and retest.");
            plan.Add(kind, point, time);
        }
        return plan;
    }

    /// <summary>The plan of the environment; null where there is none.</summary>
    /// <exception cref="EdgeException">It makes no sense.</exception>
    public static FaultPlan? OfEnvironment() => Environment.GetEnvironmentVariable(Variable) is { Length: > 0 } text ? Parse(text) : null;

    /// <summary>Plans a fault; one that is planned for that time already stays.</summary>
    public void Add(FaultKind kind, FaultPoint point, long time)
    {
        lock (access) planned.TryAdd((point, time), kind);
    }

    /// <summary>Plans a fault for the next time, or for the first after it that has none.</summary>
    public void AddNext(FaultKind kind, FaultPoint point)
    {
        lock (access)
            for (long time = times[(int)point] + 1; !planned.TryAdd((point, time), kind);) time++;
    }

    /// <summary>Counts, and says what goes wrong this time; null for nothing.</summary>
    public FaultKind? Next(FaultPoint point)
    {
        lock (access)
        {
            if (!planned.Remove((point, ++times[(int)point]), out FaultKind kind)) return null;
            Happened++;
            return kind;
        }
    }
}
