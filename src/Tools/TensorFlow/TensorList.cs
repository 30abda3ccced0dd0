using System.Collections.Immutable;
using EdgeRuntime.Graphs;

namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>A list of tensors while importing. Each change makes another list, so a loop of many turns must not copy it each time.</summary>
/// <param name="Length">Number of elements, set or not.</param>
/// <param name="Items">Those that were set.</param>
internal sealed record TensorList(int Length, ImmutableDictionary<int, Value> Items)
{
    /// <summary>A list of which nothing is set.</summary>
    public static TensorList Reserve(int length) => new(length, ImmutableDictionary<int, Value>.Empty);

    /// <summary>A list of these.</summary>
    public static TensorList Of(IEnumerable<Value> items)
    {
        var all = items.Select((item, i) => KeyValuePair.Create(i, item)).ToImmutableDictionary();
        return new TensorList(all.Count, all);
    }

    /// <summary>The list with one element set; it grows where need be.</summary>
    public TensorList With(int index, Value item) => new(Math.Max(Length, index + 1), Items.SetItem(index, item));
}
