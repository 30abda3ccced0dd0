using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Graphs;

/// <summary>
/// The nodes of a graph as a chain with ascending numbers, so that an edit costs what it changes and not what the graph has: a node
/// goes in between two others without moving the rest, and which of two comes first is one comparison.
/// </summary>
internal sealed class NodeOrder
{
    /// <summary>Free numbers between neighbours after numbering: 32 nodes fit at one place before all are numbered again.</summary>
    private const long Gap = 1L << 32;

    private Node? first, last;
    private Node[]? listed;

    public NodeOrder(IEnumerable<Node> nodes)
    {
        Node[] given = [.. nodes];
        foreach (Node node in given)
            if (node.Order == Node.Nowhere) Insert(node, null);
        listed = given;
    }

    /// <summary>Number of nodes.</summary>
    public int Count { get; private set; }

    /// <summary>How many nodes edits have looked at or moved; tests see that it grows with the edits and not with the graph.</summary>
    public long Work { get; private set; }

    /// <summary>The nodes in order; the list stays as it is when the graph changes.</summary>
    public IReadOnlyList<Node> List => listed ??= ToArray();

    /// <summary>Puts a node before another one, or at the end.</summary>
    public void Insert(Node node, Node? before)
    {
        Node? after = before is null ? last : before.Previous;
        (node.Previous, node.Next) = (after, before);
        if (after is null) first = node;
        else after.Next = node;
        if (before is null) last = node;
        else before.Previous = node;
        Count++;
        Work++;
        listed = null;

        long low = after?.Order ?? 0, high = before?.Order ?? low + 2 * Gap;
        node.Order = low + (high - low) / 2;
        if (node.Order == low) Number();
    }

    /// <summary>Takes a node out.</summary>
    public void Remove(Node node)
    {
        if (node.Previous is null) first = node.Next;
        else node.Previous.Next = node.Next;
        if (node.Next is null) last = node.Previous;
        else node.Next.Previous = node.Previous;
        node.Previous = node.Next = null;
        node.Order = Node.Nowhere;
        Count--;
        Work++;
        listed = null;
    }

    /// <summary>Lets <paramref name="reader"/> come after <paramref name="producer"/>: what the producer needs and comes later moves before the reader, in the order it has.</summary>
    /// <exception cref="EdgeException">The producer needs the reader (<see cref="ErrorCode.InvalidGraph"/>).</exception>
    public void Settle(Node producer, Node reader)
    {
        if (producer.Order < reader.Order || producer.Order == Node.Nowhere) return;
        var late = new HashSet<Node> { producer };
        var open = new Stack<Node>(late);
        while (open.TryPop(out Node? node))
        {
            Work++;
            if (node == reader) throw new EdgeException(ErrorCode.InvalidGraph, $"Node '{reader.Name}' depends on itself.");
            foreach (Value? input in node.InputArray)
                if (input?.Producer is { } source && source.Order >= reader.Order && late.Add(source)) open.Push(source);
        }
        foreach (Node node in late.OrderBy(n => n.Order).ToArray())
        {
            Remove(node);
            Insert(node, reader);
        }
    }

    private Node[] ToArray()
    {
        var nodes = new Node[Count];
        int i = 0;
        for (Node? node = first; node is not null; node = node.Next) nodes[i++] = node;
        return nodes;
    }

    private void Number()
    {
        long order = 0;
        for (Node? node = first; node is not null; node = node.Next) node.Order = order += Gap;
        Work += Count;
    }
}
