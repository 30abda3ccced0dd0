using EdgeRuntime.Diagnostics;
using EdgeRuntime.Planning;

namespace EdgeRuntime.Backends.Gpu;

/// <summary>A device behind whatever API, as far as finding out about it goes: what the tuner and the self-test need.</summary>
internal interface IGpuDevice
{
    /// <summary>What it can do.</summary>
    GpuTraits Traits { get; }

    /// <summary>Whether compiling takes long, and what was compiled for a step serves steps of other sizes: then a program's kernels are tried on its own steps.</summary>
    bool SharesForms => false;

    /// <summary>Room for programs that are tried and not kept; what is compiled for them goes with it.</summary>
    /// <param name="quarantine">Takes the kernels that the driver refuses.</param>
    IGpuBench OpenBench(GpuQuarantine quarantine);
}

/// <summary>Where programs are tried. Everything made of it must be disposed before it.</summary>
internal interface IGpuBench : IDisposable
{
    /// <summary>Compiles what several programs need, at once where that is faster. What is refused here is refused again when it is asked for.</summary>
    /// <exception cref="EdgeException">A kernel is refused.</exception>
    void Prepare(IEnumerable<GpuProgram> some);

    /// <summary>Prepares a program to be run.</summary>
    /// <exception cref="EdgeException">A kernel is refused, or memory is not to be had.</exception>
    ICompiledPlan Compile(GpuProgram program);

    /// <summary>Prepares the one step of a program to be measured: its inputs are zeros, its weights what they are.</summary>
    /// <exception cref="EdgeException">A kernel is refused, or memory is not to be had.</exception>
    IGpuTrial Trial(GpuProgram program);
}

/// <summary>A step executed alone, many times in a row, to measure how long it takes.</summary>
internal interface IGpuTrial : IDisposable
{
    /// <summary>Executes the step so many times in one submission, each after the one before.</summary>
    /// <returns>Nanoseconds of one execution, by the device's clock where it has one.</returns>
    long Measure(int repetitions);
}
