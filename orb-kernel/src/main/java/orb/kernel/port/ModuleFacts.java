package orb.kernel.port;

import orb.kernel.ByteSize;
import orb.kernel.Digest;

/**
 * What is known of an artefact once it was admitted.
 *
 * @param artefact its digest
 * @param size its length
 * @param shape {@code wasi}, {@code handler}, {@code script} or {@code process}
 * @param gasSchedule version of the gas schedule that it was metered with
 */
public record ModuleFacts(Digest artefact, ByteSize size, String shape, int gasSchedule) {}
