//! A topic's own id (KIP-516): a topic that was deleted and made again under its name
//! has another, and its offsets begin anew.

#![expect(unsafe_code, reason = "librdkafka tells topic ids through its C interface only")]

use std::ffi::CString;
use std::os::raw::c_char;
use std::time::Duration;

use rdkafka::bindings::{self as sys, rd_kafka_admin_op_t, rd_kafka_resp_err_t};
use rdkafka::client::{Client, ClientContext};
use uuid::Uuid;

/// Frees what librdkafka made.
struct Owned<T>(*mut T, unsafe extern "C" fn(*mut T));

impl<T> Drop for Owned<T> {
    fn drop(&mut self) {
        if !self.0.is_null() {
            // SAFETY: the pointer came from the function that this one belongs to, and
            // nothing else frees it.
            unsafe { (self.1)(self.0) }
        }
    }
}

/// The ids of topics, in the order asked for; none where the brokers tell none
/// (before Kafka 2.8, and some services that speak its protocol).
///
/// # Errors
/// What the brokers said, where they don't answer the question.
pub(crate) fn topic_ids<C: ClientContext>(
    client: &Client<C>,
    topics: &[&str],
    timeout: Duration,
) -> Result<Vec<Option<Uuid>>, String> {
    let names: Vec<CString> = topics
        .iter()
        .map(|name| CString::new(*name).map_err(|_| format!("{name:?} can't be a topic's name")))
        .collect::<Result<_, _>>()?;
    let mut pointers: Vec<*const c_char> = names.iter().map(|name| name.as_ptr()).collect();
    let patience = i32::try_from(timeout.as_millis()).unwrap_or(i32::MAX);
    // SAFETY: every pointer is checked for null before it is used, lives until the end of
    // this function, and is freed once; strings outlive the collection made of them.
    unsafe {
        let handle = client.native_ptr();
        let queue = Owned(sys::rd_kafka_queue_new(handle), sys::rd_kafka_queue_destroy);
        let options = Owned(
            sys::rd_kafka_AdminOptions_new(
                handle,
                rd_kafka_admin_op_t::RD_KAFKA_ADMIN_OP_DESCRIBETOPICS,
            ),
            sys::rd_kafka_AdminOptions_destroy,
        );
        let collection = Owned(
            sys::rd_kafka_TopicCollection_of_topic_names(pointers.as_mut_ptr(), pointers.len()),
            sys::rd_kafka_TopicCollection_destroy,
        );
        if queue.0.is_null() || options.0.is_null() || collection.0.is_null() {
            return Err("librdkafka is out of memory".to_owned());
        }
        sys::rd_kafka_DescribeTopics(handle, collection.0, options.0, queue.0);
        let event = Owned(sys::rd_kafka_queue_poll(queue.0, patience), sys::rd_kafka_event_destroy);
        if event.0.is_null() {
            return Err("the brokers didn't answer in time".to_owned());
        }
        let error = sys::rd_kafka_event_error(event.0);
        if error != rd_kafka_resp_err_t::RD_KAFKA_RESP_ERR_NO_ERROR {
            return Err(rdkafka::types::RDKafkaErrorCode::from(error).to_string());
        }
        let result = sys::rd_kafka_event_DescribeTopics_result(event.0);
        if result.is_null() {
            return Err("the brokers gave another answer".to_owned());
        }
        let mut count = 0;
        let found = sys::rd_kafka_DescribeTopics_result_topics(result, &raw mut count);
        if found.is_null() || count != topics.len() {
            return Err("the brokers tell of other topics than were asked for".to_owned());
        }
        Ok((0..count).map(|number| id_of(*found.add(number))).collect())
    }
}

/// The id in a description.
///
/// # Safety
/// The description must be one that lives.
unsafe fn id_of(description: *const sys::rd_kafka_TopicDescription_t) -> Option<Uuid> {
    // SAFETY: as the caller says; the id belongs to the description.
    let id = unsafe {
        let id = sys::rd_kafka_TopicDescription_topic_id(description);
        if id.is_null() {
            return None;
        }
        let high = sys::rd_kafka_Uuid_most_significant_bits(id);
        let low = sys::rd_kafka_Uuid_least_significant_bits(id);
        Uuid::from_u64_pair(high.cast_unsigned(), low.cast_unsigned())
    };
    (!id.is_nil()).then_some(id)
}
