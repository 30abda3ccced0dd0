namespace EdgeRuntime.Realtime;

/// <summary>One place between two threads: what is posted takes the place of what was there, and neither thread waits.</summary>
/// <typeparam name="T">What is handed over.</typeparam>
public sealed class Mailbox<T> where T : class
{
    private T? content;

    /// <summary>What is there, or null; the other thread may have replaced it already.</summary>
    public T? Peek() => Volatile.Read(ref content);

    /// <summary>Puts something there; gives back what nobody took.</summary>
    public T? Post(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        return Interlocked.Exchange(ref content, item);
    }

    /// <summary>Takes what is there, or null.</summary>
    public T? Take() => Interlocked.Exchange(ref content, null);
}
