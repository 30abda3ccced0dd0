using System.Collections;
using System.Text.Json;

namespace EdgeRuntime.Tools.Evaluation.Sources;

/// <summary>A list that JSON cannot make longer than it may be: a small file can claim more elements than there is memory for.</summary>
/// <param name="most">How long it may be.</param>
internal abstract class CappedList<T>(int most) : ICollection<T>
{
    private readonly List<T> elements = [];

    public int Count => elements.Count;

    public bool IsReadOnly => false;

    public T this[int index] => elements[index];

    /// <summary>Adds an element.</summary>
    /// <exception cref="JsonException">There are too many.</exception>
    public void Add(T item)
    {
        if (elements.Count == most) throw new JsonException($"a list has more than {most:N0} elements");
        elements.Add(item);
    }

    public void Clear() => elements.Clear();

    public bool Contains(T item) => elements.Contains(item);

    public void CopyTo(T[] array, int arrayIndex) => elements.CopyTo(array, arrayIndex);

    public bool Remove(T item) => elements.Remove(item);

    public IEnumerator<T> GetEnumerator() => elements.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => elements.GetEnumerator();
}
