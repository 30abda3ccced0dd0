namespace EdgeRuntime.Backends.OpenCl;

/// <summary>
/// The turn to use a driver of the processor, of which one queue of the process has it at a time. PoCL knows who uses a loaded kernel by its digest and the size of its workgroups alone, and loads it
/// again for a wider grid: where another queue executes it meanwhile, it may count wrong and end the process. Nothing is lost, since all cores work for each queue.
/// </summary>
/// <param name="context">The device.</param>
internal sealed class OpenClTurn(OpenClContext context)
{
    private static readonly SemaphoreSlim Turn = new(1, 1);

    private bool held;

    /// <summary>Waits for the turn, unless it is held or the device needs none.</summary>
    /// <exception cref="Diagnostics.EdgeException">Others do not come to an end.</exception>
    public void Take()
    {
        if (!TryTake(context.Patience)) throw OpenClErrors.TimedOut(context.Description.Name, context.Patience);
    }

    /// <summary>As <see cref="Take"/>; false where it is not to be had in a time.</summary>
    public bool TryTake(TimeSpan within)
    {
        if (held || !context.Traits.IsProcessor) return true;
        return held = Turn.Wait(within);
    }

    /// <summary>Lets others have it.</summary>
    public void Give()
    {
        if (!held) return;
        held = false;
        Turn.Release();
    }
}
