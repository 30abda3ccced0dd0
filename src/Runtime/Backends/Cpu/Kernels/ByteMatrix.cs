namespace EdgeRuntime.Backends.Cpu.Kernels;

/// <summary>The rows of a matrix, or the pixels of a 1x1 convolution.</summary>
internal sealed unsafe class ByteMatrix(CpuBinding binding, int length, int multiple, bool flips, string name) : ByteOperand(binding, length, multiple, flips)
{
    public override string Name => name;

    protected override bool IsDense => Step == Length;

    protected override void Gather(long row, int count, int group, byte fill, byte* target)
    {
        byte* source = X + row * Length;
        if (IsDense) ByteRows.Copy(source, (nint)count * Length, target);
        else
            for (int i = 0; i < count; i++) ByteRows.Copy(source + (nint)i * Length, Length, target + (nint)i * Step);
    }
}
