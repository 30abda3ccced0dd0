namespace EdgeRuntime.Tools.TensorFlow;

/// <summary>One turn of a loop that is unrolled while importing: a node inside means another value in each.</summary>
internal sealed class LoopTurn
{
    private LoopTurn? next;

    private LoopTurn(LoopTurn? around, LoopTurn? before, int index)
    {
        Around = around;
        Before = before;
        Index = index;
    }

    /// <summary>The turn of the loop around this one; null outside of all loops.</summary>
    public LoopTurn? Around { get; }

    /// <summary>The turn before; null for the first.</summary>
    public LoopTurn? Before { get; }

    /// <summary>How many loops this one is inside of.</summary>
    public int Depth => Around is null ? 0 : Around.Depth + 1;

    /// <summary>0 for the first turn.</summary>
    public int Index { get; }

    /// <summary>The turn after this one.</summary>
    public LoopTurn Next => next ??= new LoopTurn(Around, this, Index + 1);

    /// <summary>The first turn of a loop.</summary>
    public static LoopTurn First(LoopTurn? around) => new(around, null, 0);

    /// <summary>Such as /0/2 for the third turn of a loop in the first turn of another.</summary>
    public override string ToString() => $"{Around}/{Index}";
}
