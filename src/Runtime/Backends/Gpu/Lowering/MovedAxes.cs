using EdgeRuntime.Operators;
using EdgeRuntime.Tensors;

namespace EdgeRuntime.Backends.Gpu.Lowering;

/// <summary>An axis of a movement.</summary>
/// <param name="Size">Number of positions.</param>
/// <param name="X">Elements from one position to the next in what is read.</param>
/// <param name="Y">The same in what is written.</param>
internal readonly record struct MovedAxis(long Size, long X, long Y);

/// <summary>
/// Elements that go from strides to strides: axes, outermost first, without those of size 1, neighbours joined where both sides step through
/// them as through one.
/// </summary>
/// <param name="Axes">The axes.</param>
/// <param name="FirstX">Where reading begins.</param>
/// <param name="FirstY">Where writing begins.</param>
internal sealed record MovedAxes(IReadOnlyList<MovedAxis> Axes, long FirstX, long FirstY)
{
    /// <summary>Number of elements.</summary>
    public long Count => Axes.Aggregate(1L, (count, axis) => count * axis.Size);

    /// <summary>True when what is written has no gaps and is written in order.</summary>
    public bool WritesInOrder
    {
        get
        {
            long step = 1;
            for (int i = Axes.Count - 1; i >= 0; step *= Axes[i].Size, i--)
                if (Axes[i].Y != step) return false;
            return true;
        }
    }

    /// <summary>Joins axes.</summary>
    public static MovedAxes Of(IEnumerable<MovedAxis> axes, long firstX = 0, long firstY = 0)
    {
        var joined = new List<MovedAxis>();
        foreach (MovedAxis axis in axes)
        {
            if (axis.Size == 1) continue;
            if (joined.Count > 0 && joined[^1].X == axis.X * axis.Size && joined[^1].Y == axis.Y * axis.Size) joined[^1] = axis with { Size = joined[^1].Size * axis.Size };
            else joined.Add(axis);
        }
        return new MovedAxes(joined, firstX, firstY);
    }

    /// <summary>Fills a tensor of a shape in order from strides.</summary>
    public static MovedAxes Filling(in Shape shape, ReadOnlySpan<long> x, long firstX = 0)
    {
        Span<long> y = stackalloc long[Shape.MaxRank];
        Broadcast.Strides(shape, y);
        var axes = new MovedAxis[shape.Rank];
        for (int i = 0; i < axes.Length; i++) axes[i] = new(shape[i], x[i], y[i]);
        return Of(axes, firstX);
    }

    /// <summary>The same counted in runs of <paramref name="length"/> elements; null where they are not whole on both sides.</summary>
    public MovedAxes? InRuns(int length)
    {
        if (Axes.Count == 0 || Axes[^1] is not { X: 1, Y: 1 } inner || inner.Size % length != 0 || !Divisible(length, inner)) return null;
        return new MovedAxes([.. Axes.Select(a => a == inner ? inner with { Size = inner.Size / length } : Divided(a, length))], FirstX / length, FirstY / length);
    }

    /// <summary>The same counted in 32-bit words, by the size of the elements in bytes; null where words are not whole.</summary>
    public MovedAxes? InWords(int bytes) => bytes switch
    {
        8 => Of([.. Axes.Select(a => new MovedAxis(a.Size, 2 * a.X, 2 * a.Y)), new(2, 1, 1)], 2 * FirstX, 2 * FirstY),
        4 => this,
        _ => InRuns(4 / bytes),
    };

    /// <summary>Whether the steps of all axes but some, and the beginnings, are multiples.</summary>
    public bool Divisible(int by, params ReadOnlySpan<MovedAxis> except)
    {
        foreach (MovedAxis axis in Axes)
            if ((axis.X % by != 0 || axis.Y % by != 0) && !except.Contains(axis)) return false;
        return FirstX % by == 0 && FirstY % by == 0;
    }

    /// <summary>An axis with its steps counted in runs.</summary>
    public static MovedAxis Divided(MovedAxis axis, int by) => new(axis.Size, axis.X / by, axis.Y / by);
}
