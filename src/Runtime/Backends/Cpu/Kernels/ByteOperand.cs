namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The rows of bytes that a product multiplies by constant weights: those of a matrix, or the windows of a convolution.</summary>
/// <param name="binding">The step, of which input 0 is x.</param>
/// <param name="length">Numbers in a row.</param>
/// <param name="multiple">Bytes that a row is a multiple of; those beyond its numbers may be anything.</param>
/// <param name="flips">True when the highest bit of each byte is to be turned over, which makes I8 of U8 and the other way around.</param>
internal abstract unsafe class ByteOperand(CpuBinding binding, int length, int multiple, bool flips)
{
    /// <summary>Numbers in a row.</summary>
    public int Length => length;

    /// <summary>Bytes from a row to the next.</summary>
    public int Step { get; } = checked((int)(((long)length + multiple - 1) / multiple * multiple));

    /// <summary>True when rows are read where they are, and need no memory.</summary>
    public bool InPlace => !flips && IsDense;

    /// <summary>What names of kernels begin with.</summary>
    public abstract string Name { get; }

    /// <summary>True when rows already lie one after the other, with nothing in between.</summary>
    protected abstract bool IsDense { get; }

    /// <summary>The operand.</summary>
    protected byte* X { get; } = (byte*)binding.Input(0).Data;

    /// <summary>Where rows are, one after the other.</summary>
    /// <param name="row">The first.</param>
    /// <param name="count">How many.</param>
    /// <param name="group">Number of the group of channels.</param>
    /// <param name="fill">What is outside of a picture: the zero point.</param>
    /// <param name="scratch">Memory for as many rows.</param>
    public byte* Rows(long row, int count, int group, byte fill, byte* scratch)
    {
        if (IsDense && !flips) return X + row * Step;
        Gather(row, count, group, fill, scratch);
        if (flips) ByteRows.Flip(scratch, (nint)count * Step);
        return scratch;
    }

    /// <summary>Copies rows.</summary>
    protected abstract void Gather(long row, int count, int group, byte fill, byte* target);
}
