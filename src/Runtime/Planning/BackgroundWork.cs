using System.Runtime.ExceptionServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Planning;

/// <summary>Something that is made on a thread of its own, and taken by the thread that asked for it once it is there.</summary>
/// <typeparam name="T">What is made.</typeparam>
internal sealed class BackgroundWork<T> where T : class
{
    private readonly ManualResetEventSlim ended = new();
    private T? made;
    private ExceptionDispatchInfo? problem;

    /// <summary>Begins.</summary>
    /// <param name="name">Name of the thread.</param>
    /// <param name="work">Makes it.</param>
    /// <param name="run">Runs the work; null for a thread of its own.</param>
    public BackgroundWork(string name, Func<T?> work, Action<Action>? run = null)
    {
        if (run is not null) run(Do);
        else new Thread(Do) { IsBackground = true, Name = name }.Start();

        void Do()
        {
            try
            {
                made = work();
            }
            catch (Exception e)
            {
                // Whoever takes the result gets it: nothing is lost, and no process ends for it.
                problem = ExceptionDispatchInfo.Capture(e);
            }
            ended.Set();
        }
    }

    /// <summary>True when it can be taken without waiting.</summary>
    public bool IsDone => ended.IsSet;

    /// <summary>Waits until it has ended, whatever became of it: nobody wants it any more.</summary>
    public void Wait() => ended.Wait();

    /// <summary>Waits for it; false after the time, which is rounded up to whole milliseconds.</summary>
    public bool Wait(TimeSpan atMost) => ended.Wait((int)Math.Ceiling(atMost.TotalMilliseconds));

    /// <summary>Waits for it and takes it; null where there is nothing to be had.</summary>
    /// <param name="fault">Why there is nothing, where a device failed. Anything else that was thrown is thrown here.</param>
    public T? Take(out EdgeException? fault)
    {
        ended.Wait();
        fault = problem?.SourceException as EdgeException;
        if (fault is null || !BackendChain.IsDeviceFault(fault)) problem?.Throw();
        return made;
    }
}
