namespace EdgeRuntime.Realtime;

/// <summary>A queue of fixed length from one thread to another; neither waits, and nothing is allocated.</summary>
/// <typeparam name="T">What is handed over.</typeparam>
public sealed class HandOver<T> where T : class
{
    private readonly T?[] items;
    private long written, read;

    /// <summary>Makes room.</summary>
    /// <param name="capacity">How many there may be at once.</param>
    public HandOver(int capacity)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        items = new T?[capacity];
    }

    /// <summary>How many are there.</summary>
    public int Count => (int)(Volatile.Read(ref written) - Volatile.Read(ref read));

    /// <summary>Puts one at the end; false where there is no room. Of the writing thread.</summary>
    public bool TryPut(T item)
    {
        ArgumentNullException.ThrowIfNull(item);
        if (written - Volatile.Read(ref read) == items.Length) return false;
        items[written % items.Length] = item;
        Volatile.Write(ref written, written + 1);
        return true;
    }

    /// <summary>Takes the first, or null. Of the reading thread.</summary>
    public T? Take()
    {
        if (read == Volatile.Read(ref written)) return null;
        ref T? place = ref items[read % items.Length];
        T? item = place;
        place = null;
        Volatile.Write(ref read, read + 1);
        return item;
    }

    /// <summary>The first without taking it, or null. Of the reading thread.</summary>
    public T? Peek() => read == Volatile.Read(ref written) ? null : items[read % items.Length];
}
