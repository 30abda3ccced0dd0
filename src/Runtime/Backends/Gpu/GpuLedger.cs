using System.Collections.Concurrent;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>Counts the handles of an API that are alive, and lets tests say which call fails.</summary>
/// <typeparam name="TResult">What the API's functions return.</typeparam>
internal abstract class GpuLedger<TResult> where TResult : struct
{
    private readonly ConcurrentDictionary<string, int> live = new(StringComparer.Ordinal);

    /// <summary>Asked before a call, by its name in C; a result is reported in its place, and the call is not made. Null lets all calls be made.</summary>
    public Func<string, TResult?>? Fault { get; set; }

    /// <summary>Number of handles made and not destroyed.</summary>
    public int Live => live.Values.Sum();

    /// <summary>What is alive, by kind, for messages.</summary>
    public string Description => string.Join(", ", live.Where(k => k.Value != 0).OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => $"{k.Value} {k.Key}"));

    /// <summary>Notes that a handle was made.</summary>
    public void Made(string kind) => live.AddOrUpdate(kind, 1, (_, count) => count + 1);

    /// <summary>Notes that a handle was destroyed.</summary>
    public void Gone(string kind) => live.AddOrUpdate(kind, -1, (_, count) => count - 1);
}
