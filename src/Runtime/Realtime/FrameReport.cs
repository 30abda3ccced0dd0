using EdgeRuntime.Pipelines;

namespace EdgeRuntime.Realtime;

/// <summary>What is known of a frame, or a part of sound, whose results are there.</summary>
/// <param name="Outcome"><see cref="FrameOutcome.Result"/> or <see cref="FrameOutcome.FailedOver"/>.</param>
/// <param name="Captured">When it was captured, on the engine's clock.</param>
/// <param name="CaptureToResult">Its age when the results were there.</param>
/// <param name="Waited">How long it waited before it was begun.</param>
public readonly record struct FrameReport(FrameOutcome Outcome, TimeSpan Captured, TimeSpan CaptureToResult, TimeSpan Waited);

/// <summary>Is told of every frame whose results are there, on the thread that works. The frame is the source's again when this returns.</summary>
public delegate void FrameHandler(Frame frame, in FrameReport report);

/// <summary>Is told of a frame that ended without results, on whichever thread ended it.</summary>
internal delegate void FrameDropHandler(Frame frame, TimeSpan captured, FrameOutcome outcome);
