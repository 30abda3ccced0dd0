using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Backends.OpenCl;

/// <summary>A queue that executes in order, and is waited for no longer than a device may take.</summary>
internal sealed class OpenClQueue : IDisposable
{
    private readonly OpenClContext context;
    private readonly OpenClWaiter waiter;
    private readonly OpenClTurn turn;
    private bool busy;

    /// <summary>Makes a queue.</summary>
    /// <param name="context">The device.</param>
    /// <param name="profile">Whether its events have times.</param>
    public OpenClQueue(OpenClContext context, bool profile)
    {
        this.context = context;
        turn = new OpenClTurn(context);
        Handle = context.Calls.CreateQueue(profile);
        waiter = new OpenClWaiter(context.Calls);
    }

    /// <summary>The queue.</summary>
    public nint Handle { get; private set; }

    /// <summary>To be called before something is put into the queue that uses memory.</summary>
    /// <exception cref="EdgeException">Other queues of a driver of the processor do not come to an end.</exception>
    public void Begin()
    {
        turn.Take();
        busy = true;
    }

    /// <summary>Waits until an event has happened, the last of what is in the queue.</summary>
    /// <param name="done">The event, which is released.</param>
    /// <exception cref="EdgeException">The device failed, or takes too long.</exception>
    public void Finish(nint done)
    {
        try
        {
            waiter.Expect(done);
            context.Calls.Flush(Handle);
            if (!waiter.Wait(done, context.Patience)) throw OpenClErrors.TimedOut(context.Description.Name, context.Patience);
            busy = false;
        }
        finally
        {
            context.Calls.ReleaseEvent(done);
            if (!busy) turn.Give();
        }
    }

    /// <summary>Waits until all is done that is in the queue.</summary>
    /// <exception cref="EdgeException">The device failed, or takes too long.</exception>
    public void Finish()
    {
        Begin();
        Finish(context.Calls.Mark(Handle));
    }

    /// <summary>Sees to it that memory can be released: what the device still executes must not lose it. One that does not come to an end is given up.</summary>
    public void Settle()
    {
        if (busy && Handle != 0 && !context.Calls.Abandoned) End();
        busy = false;
        turn.Give();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Settle();
        context.Calls.ReleaseQueue(Handle);
        Handle = 0;
        waiter.Dispose();
    }

    private void End()
    {
        nint done = context.Calls.MarkAgain(Handle);
        // A queue that takes nothing any more is of a device that does nothing any more.
        if (done == 0) return;
        if (waiter.Settles(done, context.Grace)) context.Calls.ReleaseEvent(done);
        else context.Calls.Abandon(done);
    }
}
