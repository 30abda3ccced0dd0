using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using EdgeRuntime.Diagnostics;

namespace EdgeRuntime.Tensors;

/// <summary>
/// The dimensions of a tensor, outermost first, at most <see cref="MaxRank"/>, held inline so that it never allocates.
/// A dimension is a size of 0 or more, <see cref="Unknown"/>, or a symbol: a negative number from
/// <see cref="Symbol"/> that stands for the same unknown size wherever it appears in one graph.
/// </summary>
public readonly struct Shape : IEquatable<Shape>
{
    /// <summary>The largest rank.</summary>
    public const int MaxRank = 8;

    /// <summary>A dimension of which nothing is known.</summary>
    public const int Unknown = -1;

    private const long LargestCount = 1L << 40;

    private readonly Dimensions dimensions;
    private readonly sbyte rank;

    /// <summary>Creates a shape; no dimensions make a scalar.</summary>
    /// <exception cref="EdgeException">More than <see cref="MaxRank"/> dimensions.</exception>
    public Shape(params ReadOnlySpan<int> dimensions)
    {
        if (dimensions.Length > MaxRank)
            throw new EdgeException(ErrorCode.InvalidShape, $"A tensor has {dimensions.Length} dimensions; at most {MaxRank} are supported.");
        for (int i = 0; i < dimensions.Length; i++) this.dimensions[i] = dimensions[i];
        rank = (sbyte)dimensions.Length;
    }

    private Shape(sbyte rank) => this.rank = rank;

    /// <summary>A shape of which not even the rank is known.</summary>
    public static Shape Unranked => new((sbyte)-1);

    /// <summary>A shape of which only the rank is known.</summary>
    public static Shape OfRank(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rank, MaxRank);
        Span<int> dimensions = stackalloc int[rank];
        dimensions.Fill(Unknown);
        return new Shape(dimensions);
    }

    /// <summary>The number of dimensions; -1 when unranked.</summary>
    public int Rank => rank;

    /// <summary>True when not even the rank is known.</summary>
    public bool IsUnranked => rank < 0;

    /// <summary>True when rank and all dimensions are known.</summary>
    public bool IsStatic
    {
        get
        {
            if (rank < 0) return false;
            for (int i = 0; i < rank; i++)
                if (dimensions[i] < 0) return false;
            return true;
        }
    }

    /// <summary>The number of elements; 1 for a scalar.</summary>
    /// <exception cref="EdgeException">A dimension is unknown, or the product exceeds 2^40.</exception>
    public long Count
    {
        get
        {
            if (!IsStatic) throw new EdgeException(ErrorCode.InvalidShape, $"The shape {this} has unknown dimensions; its size cannot be told.");
            return Product(0, rank);
        }
    }

    /// <summary>The size of dimension <paramref name="axis"/>; negative axes count from the end.</summary>
    public int this[int axis]
    {
        get
        {
            int i = axis < 0 ? axis + rank : axis;
            if ((uint)i >= (uint)Math.Max((int)rank, 0)) throw new EdgeException(ErrorCode.InvalidShape, $"Axis {axis} is outside the shape {this}.");
            return dimensions[i];
        }
    }

    /// <summary>The dimensions as a span; empty for scalars and unranked shapes.</summary>
    [UnscopedRef]
    public ReadOnlySpan<int> Span => ((ReadOnlySpan<int>)dimensions)[..Math.Max((int)rank, 0)];

    /// <summary>The dimension that stands for the graph's symbol number <paramref name="index"/>.</summary>
    public static int Symbol(int index) => -2 - index;

    /// <summary>The symbol number of a dimension, or -1 if it is a size or unknown.</summary>
    public static int SymbolIndex(int dimension) => dimension <= -2 ? -2 - dimension : -1;

    /// <summary>The product of the dimensions from <paramref name="from"/> up to but not including <paramref name="to"/>.</summary>
    /// <exception cref="EdgeException">The product exceeds 2^40: larger tensors are refused as hostile or mistaken.</exception>
    public long Product(int from, int to)
    {
        long product = 1;
        bool empty = false;
        for (int i = from; i < to; i++)
        {
            // Neither factor exceeds 2^40, so the product of two may leave 64 bits: divide instead.
            if (dimensions[i] == 0) empty = true;
            else if (product <= LargestCount / Math.Abs((long)dimensions[i])) product *= dimensions[i];
            else throw new EdgeException(ErrorCode.InvalidShape, $"The shape {this} has more than 2^40 elements.");
        }
        return empty ? 0 : product;
    }

    /// <summary>This shape with dimension <paramref name="axis"/> replaced.</summary>
    public Shape With(int axis, int size)
    {
        _ = this[axis];
        Span<int> copy = stackalloc int[MaxRank];
        Span.CopyTo(copy);
        copy[axis < 0 ? axis + rank : axis] = size;
        return new Shape(copy[..rank]);
    }

    /// <summary>What both shapes have in common: dimensions that differ are unknown, and so is the rank where that differs.</summary>
    internal static Shape Common(in Shape a, in Shape b)
    {
        if (a.rank != b.rank || a.rank < 0) return Unranked;
        Span<int> common = stackalloc int[a.rank];
        for (int i = 0; i < common.Length; i++) common[i] = a.dimensions[i] == b.dimensions[i] ? a.dimensions[i] : Unknown;
        return new Shape(common);
    }

    /// <summary>True when <paramref name="concrete"/> could be this shape: equal but where either is unknown.</summary>
    public bool Accepts(in Shape concrete)
    {
        if (rank < 0 || concrete.rank < 0) return true;
        if (concrete.rank != rank) return false;
        for (int i = 0; i < rank; i++)
            if (dimensions[i] >= 0 && concrete.dimensions[i] >= 0 && dimensions[i] != concrete.dimensions[i]) return false;
        return true;
    }

    /// <inheritdoc/>
    public bool Equals(Shape other) => rank == other.rank && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is Shape other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        HashCode hash = default;
        hash.Add(rank);
        foreach (int d in Span) hash.Add(d);
        return hash.ToHashCode();
    }

    /// <summary>Equality of rank and of each dimension.</summary>
    public static bool operator ==(Shape left, Shape right) => left.Equals(right);

    /// <summary>Inequality.</summary>
    public static bool operator !=(Shape left, Shape right) => !left.Equals(right);

    /// <summary>Such as 1x3x320x320; ? for unknown, s0 for symbol 0, "scalar" for rank 0.</summary>
    public override string ToString() => Format([]);

    /// <summary>As <see cref="ToString()"/>, with symbols by their names.</summary>
    public string Format(IReadOnlyList<string> symbols)
    {
        if (rank < 0) return "unranked";
        if (rank == 0) return "scalar";
        var parts = new string[rank];
        for (int i = 0; i < rank; i++)
        {
            int d = dimensions[i], symbol = SymbolIndex(d);
            parts[i] = d >= 0 ? d.ToString() : symbol < 0 ? "?" : symbol < symbols.Count ? symbols[symbol] : $"s{symbol}";
        }
        // Long names would run into each other: batchx3xheight.
        return string.Join(Array.Exists(parts, p => p.Length > 1 && char.IsLetter(p[0])) ? " x " : "x", parts);
    }

    [InlineArray(MaxRank)]
    private struct Dimensions
    {
        private int first;
    }
}
